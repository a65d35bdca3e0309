//! Text to tokens.
//!
//! In: the text of a query. Out: tokens that cover it without gap or overlap, white space and
//! comments included. Total, linear, and free of diagnostics: what is wrong with a token (an
//! unterminated string, an unknown character) shows in its kind or is found by whoever reads it.

mod keyword;
mod number;
mod string;

pub use self::keyword::{Keyword, Naming};
pub(crate) use self::keyword::{find, naming, operator_words};
use crate::Span;

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands; never empty.
    pub span: Span,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Spaces, line breaks, byte order marks.
    Whitespace,
    /// `// …` to the end of the line
    Comment,
    /// `/* … */`, which KQL does not have
    BlockComment,
    /// `#…` to the end of the line
    Directive,
    /// A name that is no keyword; `$left` and `1abc` too
    Identifier,
    /// A keyword, which may still serve as a name: see [`Naming`]
    Keyword(Keyword),
    /// `!word` that is no operator
    NegatedWord,
    /// `5`, `0x1F`
    Long,
    /// `1.5`, `1e3`
    Real,
    /// `1d`, `1.5h`
    Timespan,
    /// A bare guid: `74be27de-1e4e-49d9-b579-fe0b331d3642`
    RawGuid,
    /// `datetime(…)`, `long(…)`, … up to the first `)` of the line
    TypedLiteral(LiteralType),
    /// A string of any form, perhaps unterminated
    String,
    /// Text between typographic quotes, pasted from a web page
    TypographicString,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `|`
    Pipe,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `<>`
    LessGreater,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `=`
    Equal,
    /// `==`
    EqualEqual,
    /// `=>`
    FatArrow,
    /// `=~`
    EqualTilde,
    /// `!=`
    BangEqual,
    /// `!~`
    BangTilde,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// A character that belongs to no token
    Unknown,
    /// The end of the text; the parser's, never in what [`lex`] returns
    End,
}

/// The type in front of a typed literal's parenthesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralType {
    /// `bool(…)`
    Bool,
    /// `int(…)`, `int32(…)`
    Int,
    /// `long(…)`, `int64(…)`
    Long,
    /// `real(…)`, `double(…)`
    Real,
    /// `decimal(…)`
    Decimal,
    /// `datetime(…)`, `date(…)`
    Datetime,
    /// `timespan(…)`, `time(…)`
    Timespan,
    /// `guid(…)`
    Guid,
}

impl TokenKind {
    /// Returns whether the parser skips it.
    pub const fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment | Self::BlockComment)
    }
}

/// Returns the tokens of a text, which cover it in order.
///
/// Of a text of more than 4 GiB only that much is read, since spans are 32 bits wide.
pub fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        pos: 0,
        block_comments_end: true,
        typed_literals_from: 0,
    };
    // Real queries have a token, white space included, for every three to four bytes.
    let mut tokens = Vec::with_capacity(text.len() / 3);
    while lexer.pos < lexer.bytes.len() {
        let start = lexer.pos;
        let kind = lexer.next_kind();
        let (Ok(from), Ok(to)) = (u32::try_from(start), u32::try_from(lexer.pos)) else { break };
        tokens.push(Token { kind, span: Span::new(from, to) });
    }
    tokens
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Whether a `*/` may still follow; keeps a text of many `/*` linear.
    block_comments_end: bool,
    /// Before this offset no typed literal closes; keeps a line of many `int(` linear.
    typed_literals_from: usize,
}

impl Lexer<'_> {
    /// Returns the byte `ahead` of the current one, zero past the end.
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos.saturating_add(ahead)).copied().unwrap_or(0)
    }

    /// Returns the text from the current position on.
    fn rest(&self) -> &str {
        self.text.get(self.pos..).unwrap_or("")
    }

    /// Moves on by `len` bytes, which the caller has seen.
    fn advance(&mut self, len: usize) {
        self.pos = self.pos.saturating_add(len).min(self.bytes.len());
    }

    /// Moves on while `accept` holds for the current byte.
    fn advance_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.pos < self.bytes.len() && accept(self.byte(0)) {
            self.advance(1);
        }
    }

    /// Moves on to the end of the line.
    fn advance_line(&mut self) {
        self.advance_while(|byte| byte != b'\n' && byte != b'\r');
    }

    /// Reads one token and returns its kind.
    fn next_kind(&mut self) -> TokenKind {
        let first = self.byte(0);
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word_or_string(),
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.whitespace(),
            b'0'..=b'9' => self.number_or_word(),
            b'"' | b'\'' => self.string(),
            b'`' | b'~' | b'@' if self.string_starts() => self.string(),
            b'#' => {
                self.advance_line();
                TokenKind::Directive
            }
            b'!' => self.bang(),
            b'/' => self.slash(),
            0x80.. => self.not_ascii(),
            _ => self.punctuation(),
        }
    }

    fn whitespace(&mut self) -> TokenKind {
        while let Some(next) = self.rest().chars().next() {
            if !is_whitespace(next) {
                break;
            }
            self.advance(next.len_utf8());
        }
        TokenKind::Whitespace
    }

    fn slash(&mut self) -> TokenKind {
        if self.byte(1) == b'/' {
            self.advance_line();
            return TokenKind::Comment;
        }
        if self.byte(1) == b'*' && self.block_comments_end {
            match self.rest().find("*/") {
                Some(end) => {
                    self.advance(end.saturating_add(2));
                    return TokenKind::BlockComment;
                }
                None => self.block_comments_end = false,
            }
        }
        self.advance(1);
        TokenKind::Slash
    }

    fn not_ascii(&mut self) -> TokenKind {
        let Some(first) = self.rest().chars().next() else {
            self.advance(1);
            return TokenKind::Unknown;
        };
        if is_whitespace(first) {
            return self.whitespace();
        }
        if string::is_typographic_quote(first) {
            return self.typographic_string();
        }
        self.advance(first.len_utf8());
        TokenKind::Unknown
    }

    /// Reads `!=`, `!~`, `!has`, and words that are no operator but look like one.
    fn bang(&mut self) -> TokenKind {
        match self.byte(1) {
            b'=' => {
                self.advance(2);
                TokenKind::BangEqual
            }
            b'~' => {
                self.advance(2);
                TokenKind::BangTilde
            }
            second if second.is_ascii_alphabetic() => {
                let start = self.pos;
                self.advance(1);
                self.advance_while(is_word_byte);
                if self.byte(0) == b'~' {
                    self.advance(1);
                }
                let word = self.text.get(start..self.pos).unwrap_or("");
                keyword::find(word).map_or(TokenKind::NegatedWord, TokenKind::Keyword)
            }
            _ => {
                self.advance(1);
                TokenKind::Unknown
            }
        }
    }

    /// Reads a name, a keyword, a typed literal, or a string with `h` before it.
    fn word_or_string(&mut self) -> TokenKind {
        if self.string_starts() {
            return self.string();
        }
        if self.raw_guid() {
            return TokenKind::RawGuid;
        }
        self.word()
    }

    fn word(&mut self) -> TokenKind {
        let start = self.pos;
        self.advance(1);
        self.advance_while(is_word_byte);
        if self.byte(0) == b'-' {
            self.advance(keyword::dashed_rest(self.text.get(start..).unwrap_or("")).unwrap_or(0));
        } else if self.byte(0) == b'~' && self.text.get(start..self.pos) == Some("in") {
            self.advance(1);
        }
        let word = self.text.get(start..self.pos).unwrap_or("");
        if self.byte(0) == b'('
            && let Some(literal) = literal_type(word)
            && let Some(len) = self.typed_literal_len()
        {
            self.advance(len);
            return TokenKind::TypedLiteral(literal);
        }
        keyword::find(word).map_or(TokenKind::Identifier, TokenKind::Keyword)
    }

    /// Returns the length from `(` past `)`, if that follows on the same line.
    fn typed_literal_len(&mut self) -> Option<usize> {
        if self.pos < self.typed_literals_from {
            return None;
        }
        let rest = self.rest();
        let end = rest.find([')', '\n', '\r']).unwrap_or(rest.len());
        if rest.as_bytes().get(end) == Some(&b')') {
            return Some(end.saturating_add(1));
        }
        self.typed_literals_from = self.pos.saturating_add(end);
        None
    }

    fn punctuation(&mut self) -> TokenKind {
        let (kind, len) = match (self.byte(0), self.byte(1)) {
            (b'(', _) => (TokenKind::OpenParen, 1),
            (b')', _) => (TokenKind::CloseParen, 1),
            (b'[', _) => (TokenKind::OpenBracket, 1),
            (b']', _) => (TokenKind::CloseBracket, 1),
            (b'{', _) => (TokenKind::OpenBrace, 1),
            (b'}', _) => (TokenKind::CloseBrace, 1),
            (b'|', _) => (TokenKind::Pipe, 1),
            (b'.', b'.') => (TokenKind::DotDot, 2),
            (b'.', _) => (TokenKind::Dot, 1),
            (b'+', _) => (TokenKind::Plus, 1),
            (b'-', _) => (TokenKind::Minus, 1),
            (b'*', _) => (TokenKind::Star, 1),
            (b'%', _) => (TokenKind::Percent, 1),
            (b'<', b'=') => (TokenKind::LessOrEqual, 2),
            (b'<', b'>') => (TokenKind::LessGreater, 2),
            (b'<', _) => (TokenKind::Less, 1),
            (b'>', b'=') => (TokenKind::GreaterOrEqual, 2),
            (b'>', _) => (TokenKind::Greater, 1),
            (b'=', b'=') => (TokenKind::EqualEqual, 2),
            (b'=', b'>') => (TokenKind::FatArrow, 2),
            (b'=', b'~') => (TokenKind::EqualTilde, 2),
            (b'=', _) => (TokenKind::Equal, 1),
            (b':', _) => (TokenKind::Colon, 1),
            (b';', _) => (TokenKind::Semicolon, 1),
            (b',', _) => (TokenKind::Comma, 1),
            _ => (TokenKind::Unknown, 1),
        };
        self.advance(len);
        kind
    }
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns whether a character separates tokens: white space, and the invisible ones that web pages
/// leave in pasted text.
const fn is_whitespace(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t'
            | '\n'
            | '\r'
            | '\u{b}'
            | '\u{c}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

fn literal_type(word: &str) -> Option<LiteralType> {
    Some(match word {
        "bool" => LiteralType::Bool,
        "int" | "int32" => LiteralType::Int,
        "long" | "int64" => LiteralType::Long,
        "real" | "double" => LiteralType::Real,
        "decimal" => LiteralType::Decimal,
        "datetime" | "date" => LiteralType::Datetime,
        "timespan" | "time" => LiteralType::Timespan,
        "guid" => LiteralType::Guid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
