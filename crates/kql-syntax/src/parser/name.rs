//! Names: bare, in brackets, in braces, and with wildcards.

use super::Parser;
use crate::{
    Diagnostic, Span,
    ast::Name,
    code,
    lexer::{Keyword, Naming, Token, TokenKind, naming},
};

/// Which keywords may be names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameUse {
    /// Where a column, table or function is referred to.
    Reference,
    /// Where a name is given: before `=`, in a schema.
    Declaration,
}

/// The most tokens looked at for a name with dashes.
const MAX_DASHED_TOKENS: usize = 16;

impl Parser<'_> {
    /// Returns how many tokens the name `ahead` of the current token takes; zero if there is none.
    pub(super) fn name_len(&self, ahead: usize, use_: NameUse) -> usize {
        match self.kind_at(ahead) {
            TokenKind::Identifier => 1,
            TokenKind::Keyword(_) => usize::from(self.may_be_name(self.token(ahead), use_)),
            TokenKind::OpenBracket => self.bracketed_name_len(ahead),
            TokenKind::OpenBrace => self.braced_name_len(ahead),
            _ => 0,
        }
    }

    fn may_be_name(&self, token: Token, use_: NameUse) -> bool {
        match naming(self.text_of(token.span)) {
            Naming::Free => true,
            Naming::Declared => use_ == NameUse::Declaration,
            Naming::Referred | Naming::Reserved => false,
        }
    }

    /// `['name']`
    fn bracketed_name_len(&self, ahead: usize) -> usize {
        let first = ahead.saturating_add(1);
        let mut end = first;
        while self.kind_at(end) == TokenKind::String {
            end = end.saturating_add(1);
        }
        if end == first || self.kind_at(end) != TokenKind::CloseBracket {
            return 0;
        }
        end.saturating_sub(ahead).saturating_add(1)
    }

    /// `{name}` and `{name[0]}`, parameters that a client fills in before it sends the query
    fn braced_name_len(&self, ahead: usize) -> usize {
        const SHAPES: [&[TokenKind]; 3] = [
            &[TokenKind::CloseBrace],
            &[
                TokenKind::OpenBracket,
                TokenKind::Long,
                TokenKind::CloseBracket,
                TokenKind::CloseBrace,
            ],
            &[
                TokenKind::OpenBracket,
                TokenKind::Minus,
                TokenKind::Long,
                TokenKind::CloseBracket,
                TokenKind::CloseBrace,
            ],
        ];
        let word = ahead.saturating_add(1);
        if !matches!(self.kind_at(word), TokenKind::Identifier | TokenKind::Keyword(_))
            || !self.is_adjacent(word)
        {
            return 0;
        }
        let fits = |shape: &&[TokenKind]| {
            (1_usize..).zip(*shape).all(|(offset, kind)| {
                let at = word.saturating_add(offset);
                self.kind_at(at) == *kind && self.is_adjacent(at)
            })
        };
        SHAPES.iter().find(|shape| fits(shape)).map_or(0, |shape| shape.len().saturating_add(2))
    }

    /// Reads a name if there is one.
    pub(super) fn name(&mut self, use_: NameUse) -> Option<Name> {
        let len = self.name_len(0, use_);
        (len > 0).then(|| self.name_of(len))
    }

    /// Reads the next `len` tokens, which make up a name.
    fn name_of(&mut self, len: usize) -> Name {
        if self.at(TokenKind::OpenBracket) {
            let open = self.bump().span;
            let text = self.joined_strings();
            self.eat(TokenKind::CloseBracket);
            return Name { text, span: self.span_from(open) };
        }
        self.joined_name(len)
    }

    /// Reads the next `len` tokens as one name, spelled as written.
    pub(super) fn joined_name(&mut self, len: usize) -> Name {
        let start = self.span();
        for _ in 0..len {
            self.bump();
        }
        let span = self.span_from(start);
        Name { text: self.text_of(span).to_owned(), span }
    }

    /// Reads a name that has to be there; `context` says which: "of the column".
    ///
    /// A reserved word that is clearly meant as a name is taken as one and reported.
    pub(super) fn expect_name(&mut self, use_: NameUse, context: &str) -> Option<Name> {
        if let Some(name) = self.name(use_) {
            return Some(name);
        }
        if self.is_reserved_word_as_name() {
            return Some(self.reserved_name());
        }
        self.unexpected(&format!("a name {context}"));
        None
    }

    /// Returns whether the current token is a keyword before something that only follows names.
    pub(super) fn is_reserved_word_as_name(&self) -> bool {
        matches!(self.kind(), TokenKind::Keyword(_)) && follows_name(self.kind_at(1))
    }

    /// Reads a reserved word as a name and reports it.
    pub(super) fn reserved_name(&mut self) -> Name {
        let word = self.word();
        let diagnostic = Diagnostic::error(
            code::NAME_NEEDS_BRACKETS,
            self.span(),
            format!("`{word}` is a reserved word"),
        )
        .with_help(format!("if it is meant as a name, write `['{word}']`"));
        self.report(diagnostic);
        self.joined_name(1)
    }

    /// Returns how many tokens a name with dashes takes: `a-b`; zero if there is none.
    pub(super) fn dashed_name_len(&self) -> usize {
        let is_word =
            |ahead| matches!(self.kind_at(ahead), TokenKind::Identifier | TokenKind::Keyword(_));
        if !is_word(0) {
            return 0;
        }
        let mut len = 1_usize;
        while len < MAX_DASHED_TOKENS
            && self.is_adjacent(len)
            && (is_word(len) || self.kind_at(len) == TokenKind::Minus)
        {
            len = len.saturating_add(1);
        }
        if len > 1 { len } else { 0 }
    }

    /// Reads a name with dashes and reports it.
    pub(super) fn dashed_name(&mut self, len: usize) -> Name {
        let start = self.span();
        let last = self.token(len.saturating_sub(1)).span;
        let text = self.text_of(start.to(last));
        let diagnostic = Diagnostic::error(
            code::NAME_NEEDS_BRACKETS,
            start.to(last),
            format!("`{text}` is not a name: it reads as a subtraction"),
        )
        .with_help(format!("write `['{text}']`"));
        self.report(diagnostic);
        self.joined_name(len)
    }

    /// Returns how many tokens a name with `*` takes, from `ahead` on; zero if there is none.
    ///
    /// Its parts stand without space between them: `a*`, `*b*`, `*`.
    pub(super) fn wildcard_len(&self, ahead: usize) -> usize {
        let is_word = |at: usize| match self.kind_at(at) {
            TokenKind::Identifier => true,
            TokenKind::Keyword(_) => self.may_be_name(self.token(at), NameUse::Declaration),
            _ => false,
        };
        let is_star = |at: usize| self.kind_at(at) == TokenKind::Star;
        let mut at = ahead;
        if !is_star(at) {
            at = at.saturating_add(1);
            if !is_word(ahead) || !is_star(at) || !self.is_adjacent(at) {
                return 0;
            }
        }
        at = at.saturating_add(1);
        while self.is_adjacent(at)
            && (is_star(at) || is_word(at) || self.kind_at(at) == TokenKind::Long)
        {
            at = at.saturating_add(1);
        }
        at.saturating_sub(ahead)
    }
}

/// Returns whether a token can follow a name but hardly a keyword.
fn follows_name(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Keyword(keyword) => matches!(
            keyword,
            Keyword::And | Keyword::Or | Keyword::Match(_) | Keyword::Between | Keyword::NotBetween
        ),
        TokenKind::EqualEqual
        | TokenKind::BangEqual
        | TokenKind::EqualTilde
        | TokenKind::BangTilde
        | TokenKind::Greater
        | TokenKind::GreaterOrEqual
        | TokenKind::Less
        | TokenKind::LessOrEqual
        | TokenKind::Star
        | TokenKind::Slash
        | TokenKind::Percent
        | TokenKind::CloseParen
        | TokenKind::CloseBracket
        | TokenKind::CloseBrace
        | TokenKind::Dot
        | TokenKind::Comma
        | TokenKind::Colon
        | TokenKind::Pipe => true,
        _ => false,
    }
}

/// Returns a name that stands for one that is missing.
pub(super) fn missing_name(at: Span) -> Name {
    Name { text: String::new(), span: Span::new(at.start, at.start) }
}
