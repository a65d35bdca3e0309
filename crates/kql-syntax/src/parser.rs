//! Tokens to the tree.
//!
//! A recursive-descent parser that never fails: where the text does not fit, it reports, makes an
//! error node, and goes on at the next pipe, semicolon or closing bracket. Time is linear in the
//! text: nothing is read twice, look-ahead is bounded. Recursion grows the stack on demand and is
//! bounded by [`nesting`].

mod bracket;
mod excerpt;
mod expression;
mod function;
mod list;
mod mistakes;
mod name;
mod nesting;
mod operator;
mod param;
mod pipeline;
mod schema;
mod statement;
mod table;

use std::borrow::Cow;

use self::excerpt::excerpt;
use crate::{
    Code, Diagnostic, Span,
    ast::Query,
    code,
    lexer::{Keyword, Token, TokenKind, lex},
};

/// Returns the tree of a text, and what is wrong with it.
///
/// The tree is whole even if there are diagnostics: what could not be read is an error node. At
/// most one diagnostic is given for any place.
pub fn parse(text: &str) -> (Query, Vec<Diagnostic>) {
    let Ok(len) = u32::try_from(text.len()) else {
        let too_long = Diagnostic::error(code::TOO_LONG, Span::default(), "the query is too long")
            .with_help("split it: the limit is 4 GiB");
        return (Query { statements: Vec::new(), span: Span::default() }, vec![too_long]);
    };
    let mut tokens = lex(text);
    let block_comments: Vec<_> =
        tokens.iter().filter(|token| token.kind == TokenKind::BlockComment).copied().collect();
    tokens.retain(|token| !token.kind.is_trivia());
    let end = tokens.last().map_or(0, |last| last.span.end);
    let mut parser = Parser {
        text,
        tokens,
        pos: 0,
        end: Span::new(end, end),
        diagnostics: Vec::new(),
        reported_at: None,
        depth: 0,
        height: 0,
        gave_up: false,
        assigned_at: None,
        block: Block { depth: 0, close: None },
    };
    for comment in block_comments {
        parser.report_block_comment(comment.span);
    }
    let statements = parser.statements();
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    (Query { statements, span: Span::new(0, len) }, diagnostics)
}

struct Parser<'t> {
    text: &'t str,
    /// All tokens but trivia.
    tokens: Vec<Token>,
    /// The index of the token to read next.
    pos: usize,
    /// The empty span behind the last token, where the end of the query is pointed at.
    end: Span,
    diagnostics: Vec<Diagnostic>,
    /// The token that the last diagnostic was about: a second one there would be a consequence.
    reported_at: Option<usize>,
    /// How many nested constructs are being read.
    depth: u32,
    /// The height of the tallest tree read within the current construct.
    height: u32,
    /// A limit was exceeded: the rest is neither read nor reported on.
    gave_up: bool,
    /// The depth at which `=` after an expression is an attempt to name it, not a comparison.
    assigned_at: Option<u32>,
    /// The list of statements being read.
    block: Block,
}

/// A list of statements.
#[derive(Clone, Copy)]
struct Block {
    /// The depth at which its statements stand.
    depth: u32,
    /// The bracket that ends it; the text's end if there is none.
    close: Option<TokenKind>,
}

impl<'t> Parser<'t> {
    /// Returns the token `ahead` of the current one; past the last one [`TokenKind::End`].
    fn token(&self, ahead: usize) -> Token {
        let end = Token { kind: TokenKind::End, span: self.end };
        self.tokens.get(self.pos.saturating_add(ahead)).copied().unwrap_or(end)
    }

    /// Returns the kind of the current token.
    fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    /// Returns the kind of the token `ahead` of the current one.
    fn kind_at(&self, ahead: usize) -> TokenKind {
        self.token(ahead).kind
    }

    /// Returns the span of the current token.
    fn span(&self) -> Span {
        self.token(0).span
    }

    /// Returns the text that a span covers.
    fn text_of(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Returns the text of the current token.
    fn word(&self) -> &'t str {
        self.text_of(self.span())
    }

    /// Returns the text of the current token as a message shows it.
    fn shown_word(&self) -> Cow<'t, str> {
        excerpt(self.word())
    }

    /// Reads the current token.
    fn bump(&mut self) -> Token {
        let token = self.token(0);
        self.pos = self.pos.saturating_add(1).min(self.tokens.len());
        token
    }

    /// Returns whether the current token is of this kind.
    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    /// Returns whether the current token is this keyword.
    fn at_keyword(&self, keyword: Keyword) -> bool {
        self.at(TokenKind::Keyword(keyword))
    }

    /// Returns whether the token `ahead` of the current one is this keyword.
    fn keyword_at(&self, ahead: usize, keyword: Keyword) -> bool {
        self.kind_at(ahead) == TokenKind::Keyword(keyword)
    }

    /// Reads the current token if it is of this kind.
    fn eat(&mut self, kind: TokenKind) -> Option<Span> {
        self.at(kind).then(|| self.bump().span)
    }

    /// Reads the current token if it is this keyword.
    fn eat_keyword(&mut self, keyword: Keyword) -> Option<Span> {
        self.eat(TokenKind::Keyword(keyword))
    }

    /// Reads a keyword that has to be there; `context` says where: "after `sort`".
    fn expect_keyword(&mut self, keyword: Keyword, word: &str, context: &str) -> bool {
        let found = self.eat_keyword(keyword).is_some();
        if !found {
            self.unexpected(&format!("`{word}` {context}"));
        }
        found
    }

    /// Reads a token that has to be there; `context` says where.
    fn expect(&mut self, kind: TokenKind, text: &str, context: &str) -> bool {
        let found = self.eat(kind).is_some();
        if !found {
            self.unexpected(&format!("`{text}` {context}"));
        }
        found
    }

    /// Returns whether no white space stands between the token `ahead` and the one before it.
    fn is_adjacent(&self, ahead: usize) -> bool {
        let at = self.pos.saturating_add(ahead);
        let before = at.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.is_some_and(|token| token.span.end == self.token(ahead).span.start)
    }

    /// Returns whether the current token is the first of its line.
    fn starts_line(&self) -> bool {
        let gap = Span::new(self.previous_end(), self.span().start);
        self.text_of(gap).contains('\n')
    }

    /// Returns where the last token read ends.
    fn previous_end(&self) -> u32 {
        let before = self.pos.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.map_or(0, |token| token.span.end)
    }

    /// Returns the span from `start` to the end of the last token read.
    fn span_from(&self, start: Span) -> Span {
        Span::new(start.start, self.previous_end().max(start.start))
    }

    /// Adds a diagnostic about the current token, unless one was given already.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.gave_up || self.reported_at == Some(self.pos) {
            return;
        }
        self.reported_at = Some(self.pos);
        self.diagnostics.push(diagnostic);
    }

    /// Adds a diagnostic about something already read, which others do not follow from.
    fn report_past(&mut self, diagnostic: Diagnostic) {
        if !self.gave_up {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports that the current token is not what is needed.
    fn unexpected(&mut self, expected: &str) {
        self.unexpected_as(code::UNEXPECTED, expected);
    }

    /// Reports that the current token is not what is needed, under a code of its own; if the token
    /// is a known mistake, that is reported instead.
    fn unexpected_as(&mut self, code: Code, expected: &str) {
        let diagnostic = self.known_mistake().unwrap_or_else(|| {
            let message = format!("expected {expected}, found {}", self.found());
            Diagnostic::error(code, self.span(), message)
        });
        self.report(diagnostic);
    }

    /// Describes the current token for a message.
    fn found(&self) -> String {
        match self.kind() {
            TokenKind::End => "the end of the query".to_owned(),
            TokenKind::String => "a string".to_owned(),
            _ => format!("`{}`", self.shown_word()),
        }
    }

    /// Reads up to the next pipe, semicolon, or closing bracket that was opened before; brackets
    /// within are read whole.
    fn skip_to_boundary(&mut self) {
        self.skip_until(|_| false);
    }

    /// Reads as [`Self::skip_to_boundary`] does, but stops as well where `stop` holds.
    fn skip_until(&mut self, stop: impl Fn(&Self) -> bool) {
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                    open = open.saturating_add(1);
                }
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                    match open.checked_sub(1) {
                        Some(outer) => open = outer,
                        None => return,
                    }
                }
                TokenKind::Pipe | TokenKind::Semicolon if open == 0 => return,
                _ if open == 0 && stop(self) => return,
                _ => {}
            }
            self.bump();
        }
    }
}
