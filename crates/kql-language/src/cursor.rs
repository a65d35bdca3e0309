//! Where the cursor stands, read from the tokens before it.
//!
//! A query that is being written is rarely one that parses. What stands before the cursor is read as tokens
//! in nested brackets, and that is enough to say which word is being written, in which call, behind which
//! operator.

use kql_syntax::{
    Span,
    lexer::{Token, TokenKind, lex},
};

/// The cursor, and what stands before it.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The word that the cursor stands in or behind; empty if it stands at none.
    pub(crate) word: Span,
    /// The last token before the word that is not white space.
    pub(crate) previous: Option<Token>,
    /// The brackets around the cursor, outermost first; the first is the text itself.
    pub(crate) frames: Vec<Frame>,
}

/// What stands within one pair of brackets, up to the cursor.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// The opening bracket; `None` for the text itself.
    pub(crate) opener: Option<Token>,
    /// The token before the opening bracket.
    pub(crate) caller: Option<Token>,
    /// Commas since the opening bracket.
    pub(crate) commas: usize,
    /// Whether the segment follows a pipe.
    pub(crate) is_piped: bool,
    /// The tokens since the last `|` or `;` or since the opening bracket. Of brackets within, only the
    /// brackets.
    pub(crate) segment: Vec<Token>,
}

impl Frame {
    /// Tells whether a token of that kind stands in the segment.
    pub(crate) fn has(&self, kind: TokenKind) -> bool {
        self.segment.iter().any(|token| token.kind == kind)
    }

    /// Returns the segment's last tokens, the last one first.
    pub(crate) fn back(&self, ahead: usize) -> Option<Token> {
        self.segment.iter().rev().nth(ahead).copied()
    }
}

impl Cursor {
    /// Reads the text up to an offset; `None` within a string or a comment.
    pub(crate) fn at(text: &str, offset: u32) -> Option<Self> {
        let tokens = lex(text);
        let word = word_at(&tokens, offset)?;
        let mut frames = vec![Frame::default()];
        let mut previous: Option<Token> = None;
        let before = tokens.iter().filter(|token| !token.kind.is_trivia());
        for token in before.take_while(|token| token.span.end <= word.start) {
            enter(&mut frames, *token, previous);
            previous = Some(*token);
        }
        let mut cursor = Self { word, previous, frames };
        cursor.take_dashes();
        Some(cursor)
    }

    /// Returns the innermost brackets.
    pub(crate) fn inner(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// Takes `project-aw` for one word, where an operator is being written: `-` and `aw` are tokens of their
    /// own as long as the word is not a keyword.
    fn take_dashes(&mut self) {
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.is_piped) else { return };
        let mut end = self.word.start;
        let is_one_word = frame.segment.iter().rev().all(|token| {
            let joins = token.span.end == end && (is_word(token.kind) || is_dash(token.kind));
            end = token.span.start;
            joins
        });
        if is_one_word && !frame.segment.is_empty() {
            self.word = Span::new(end, self.word.end);
            frame.segment.clear();
        }
    }
}

fn enter(frames: &mut Vec<Frame>, token: Token, previous: Option<Token>) {
    let Some(frame) = frames.last_mut() else { return };
    match token.kind {
        TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
            frame.segment.push(token);
            frames.push(Frame { opener: Some(token), caller: previous, ..Frame::default() });
        }
        TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
            // A bracket too many closes nothing.
            if frames.len() > 1 {
                frames.pop();
            }
            if let Some(outer) = frames.last_mut() {
                outer.segment.push(token);
            }
        }
        TokenKind::Pipe => {
            frame.segment.clear();
            frame.is_piped = true;
        }
        TokenKind::Semicolon => {
            frame.segment.clear();
            frame.is_piped = false;
        }
        _ => {
            if token.kind == TokenKind::Comma {
                frame.commas = frame.commas.saturating_add(1);
            }
            frame.segment.push(token);
        }
    }
}

/// Returns the word at an offset, empty if there is none; `None` within a string or a comment.
fn word_at(tokens: &[Token], offset: u32) -> Option<Span> {
    let mut found = Span::new(offset, offset);
    for token in tokens {
        let Span { start, end } = token.span;
        if start > offset {
            break;
        }
        let is_within = start < offset && offset < end;
        let is_behind = end == offset;
        match token.kind {
            TokenKind::Comment | TokenKind::Directive if start < offset && offset <= end => {
                return None;
            }
            TokenKind::String | TokenKind::TypographicString | TokenKind::BlockComment
                if is_within =>
            {
                return None;
            }
            TokenKind::TypedLiteral(_) if is_within => return None,
            kind if is_word(kind) && (is_within || is_behind || start == offset) => {
                found = token.span;
            }
            _ => {}
        }
    }
    Some(found)
}

/// Tells whether a token may be a name or a word of the syntax.
pub(crate) const fn is_word(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Identifier | TokenKind::Keyword(_) | TokenKind::NegatedWord)
}

fn is_dash(kind: TokenKind) -> bool {
    kind == TokenKind::Minus
}

/// Tells whether an operand ends with a token, so that an operator may follow.
pub(crate) const fn ends_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Identifier
            | TokenKind::Long
            | TokenKind::Real
            | TokenKind::Timespan
            | TokenKind::RawGuid
            | TokenKind::TypedLiteral(_)
            | TokenKind::String
            | TokenKind::CloseParen
            | TokenKind::CloseBracket
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text in which `^` is the cursor, and returns its word and the words of its segments.
    fn read(marked: &str) -> Option<(String, Vec<String>)> {
        let offset = marked.find('^').expect("a cursor");
        let text = marked.replace('^', "");
        let cursor = Cursor::at(&text, u32::try_from(offset).unwrap())?;
        let words = |frame: &Frame| {
            let words = frame.segment.iter().map(|token| &text[token.span.range()]);
            words.collect::<Vec<_>>().join(" ")
        };
        let frames = cursor.frames.iter().map(words).collect();
        Some((text[cursor.word.range()].to_owned(), frames))
    }

    fn is(marked: &str, word: &str, frames: &[&str]) {
        let frames = frames.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(read(marked), Some((word.to_owned(), frames)), "{marked}");
    }

    #[test]
    fn a_segment_begins_behind_a_pipe_a_semicolon_or_a_bracket() {
        is("T | where Fo^", "Fo", &["where"]);
        is("T | where ^Foo == 1", "Foo", &["where"]);
        is("let a = 1; T | join (U | take 5 | where ^) on K", "", &["join (", "where"]);
        is("T | summarize dcount(A), count() by ^", "", &["summarize dcount ( ) , count ( ) by"]);
        is("T | where a in (1, ^", "", &["where a in (", "1 ,"]);
    }

    #[test]
    fn dashes_belong_to_the_word_of_an_operator_only() {
        is("T | project-aw^", "project-aw", &[""]);
        is("T | project-^", "project-", &[""]);
        is("T | where a-b^", "b", &["where a -"]);
    }

    #[test]
    fn nothing_is_completed_within_texts_and_comments() {
        assert_eq!(read("T | where a == 'b^c'"), None);
        assert_eq!(read("T // com^ment"), None);
        assert_eq!(read("T | where t > datetime(2024^-01-01)"), None);
    }
}
