//! The text as the formatter sees it: tokens, and comments in the gaps between them.
//!
//! Gap `i` is what stands before token `i`; the last one is at the end of the text. Comments next to
//! a separator are told off to the gap where they can end a line: after commas and semicolons,
//! before pipes, `and` and `or`.

use std::{collections::VecDeque, mem};

use crate::{
    Span,
    lexer::{Keyword, Token, TokenKind, lex},
};

/// A text's tokens and comments.
pub(super) struct Source<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// One for each token, and one for the end of the text.
    gaps: Vec<SourceGap<'t>>,
    /// For each bracket the one that it belongs to.
    partners: Vec<Option<usize>>,
    /// For each token the innermost bracket that is open around it.
    enclosing: Vec<Option<usize>>,
}

/// What the source has before a token.
#[derive(Default)]
pub(super) struct SourceGap<'t> {
    /// Nothing: the token follows directly.
    pub(super) is_empty: bool,
    /// An empty line before the token, after any comment.
    pub(super) has_blank_line: bool,
    /// Comments in order.
    pub(super) comments: VecDeque<Comment<'t>>,
}

/// A comment.
pub(super) struct Comment<'t> {
    /// Its text, without white space at the end.
    pub(super) text: &'t str,
    /// Nothing stands before it on its line.
    pub(super) owns_line: bool,
    /// An empty line stands before it.
    pub(super) has_blank_line: bool,
}

impl<'t> Source<'t> {
    /// Reads a text.
    pub(super) fn read(text: &'t str) -> Self {
        let (tokens, gaps) = tokens_and_gaps(text);
        let (partners, enclosing) = match_brackets(&tokens);
        let mut source = Self { text, tokens, gaps, partners, enclosing };
        source.settle_comments();
        source
    }

    /// Returns how many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Returns the kind of a token; past the last one [`TokenKind::End`].
    pub(super) fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    /// Returns the kind of the token before this one; before the first one [`TokenKind::End`].
    pub(super) fn kind_before(&self, at: usize) -> TokenKind {
        at.checked_sub(1).map_or(TokenKind::End, |before| self.kind(before))
    }

    /// Returns the text of a token.
    pub(super) fn text(&self, at: usize) -> &'t str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or("")
    }

    /// Returns what stands before a token.
    pub(super) fn gap(&self, at: usize) -> Option<&SourceGap<'t>> {
        self.gaps.get(at)
    }

    /// Returns the other bracket of a pair.
    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        self.partners.get(at).copied().flatten()
    }

    /// Returns the bracket that is open around a token.
    pub(super) fn enclosing(&self, at: usize) -> Option<usize> {
        self.enclosing.get(at).copied().flatten()
    }

    /// Returns the first and the last token that a span holds.
    pub(super) fn tokens_of(&self, span: Span) -> Option<(usize, usize)> {
        let first = self.tokens.partition_point(|token| token.span.start < span.start);
        let past = self.tokens.partition_point(|token| token.span.end <= span.end);
        past.checked_sub(1).filter(|last| first <= *last).map(|last| (first, last))
    }

    /// Moves comments past separators.
    fn settle_comments(&mut self) {
        for at in 0..self.tokens.len() {
            let after = at.saturating_add(1);
            match self.kind(at) {
                TokenKind::Comma | TokenKind::Semicolon => {
                    let mut moved = self.take_comments(at);
                    if let Some(gap) = self.gaps.get_mut(after) {
                        moved.append(&mut gap.comments);
                        gap.comments = moved;
                    }
                }
                TokenKind::Pipe | TokenKind::Keyword(Keyword::And | Keyword::Or) => {
                    let mut moved = self.take_comments(after);
                    if let Some(gap) = self.gaps.get_mut(at) {
                        gap.comments.append(&mut moved);
                    }
                }
                _ => {}
            }
        }
    }

    fn take_comments(&mut self, at: usize) -> VecDeque<Comment<'t>> {
        self.gaps.get_mut(at).map(|gap| mem::take(&mut gap.comments)).unwrap_or_default()
    }
}

fn tokens_and_gaps(text: &str) -> (Vec<Token>, Vec<SourceGap<'_>>) {
    let mut tokens = Vec::new();
    let mut gaps = Vec::new();
    let mut gap = SourceGap { is_empty: true, ..SourceGap::default() };
    // Line breaks since the last token or comment.
    let mut breaks = 0_usize;
    for token in lex(text) {
        let written = text.get(token.span.range()).unwrap_or("");
        match token.kind {
            TokenKind::Whitespace => {
                gap.is_empty = false;
                breaks = breaks.saturating_add(line_breaks(written));
            }
            TokenKind::Comment | TokenKind::BlockComment => {
                gap.is_empty = false;
                gap.comments.push_back(Comment {
                    text: written.trim_end(),
                    owns_line: breaks > 0 || tokens.is_empty() || !gap.comments.is_empty(),
                    has_blank_line: breaks > 1,
                });
                breaks = 0;
            }
            _ => {
                gap.has_blank_line = breaks > 1;
                gaps.push(mem::take(&mut gap));
                gap.is_empty = true;
                tokens.push(token);
                breaks = 0;
            }
        }
    }
    gaps.push(gap);
    (tokens, gaps)
}

/// Returns how many lines white space ends: `\r\n` is one end, and so is either alone.
fn line_breaks(space: &str) -> usize {
    let feeds = space.matches('\n').count();
    let lone_returns = space.matches('\r').count().saturating_sub(space.matches("\r\n").count());
    feeds.saturating_add(lone_returns)
}

type PerToken = Vec<Option<usize>>;

/// Returns for each token its partner if it is a bracket, and the bracket around it.
fn match_brackets(tokens: &[Token]) -> (PerToken, PerToken) {
    let mut partners = vec![None; tokens.len()];
    let mut enclosing = Vec::with_capacity(tokens.len());
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                enclosing.push(open.last().copied());
                open.push(at);
            }
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                if let Some(opener) = open.pop() {
                    set(&mut partners, opener, at);
                    set(&mut partners, at, opener);
                }
                enclosing.push(open.last().copied());
            }
            _ => enclosing.push(open.last().copied()),
        }
    }
    (partners, enclosing)
}

fn set(partners: &mut PerToken, at: usize, partner: usize) {
    if let Some(slot) = partners.get_mut(at) {
        *slot = Some(partner);
    }
}
