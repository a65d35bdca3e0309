//! What is known of each gap between two tokens: how it looks, what groups and indents start there.

use super::{gap::Gap, source::Source, spacing::default_gap};
use crate::{
    Span,
    ast::{Name, Param},
    lexer::TokenKind,
};

/// What is decided about the gap before a token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// How it looks; nobody has said so if absent.
    pub(super) gap: Option<Gap>,
    /// How many levels of indent start here, less those that ended before.
    pub(super) levels: i32,
    /// How many groups start with the token.
    pub(super) opened: u32,
    /// How many groups ended with the token before.
    pub(super) closed: u32,
}

/// The first and the last token of something.
pub(super) type Range = (usize, usize);

/// The marks of a text, while they are collected.
pub(super) struct Layout<'s, 't> {
    pub(super) source: &'s Source<'t>,
    marks: Vec<Mark>,
    /// Brackets that are never broken.
    tight: Vec<bool>,
}

impl<'s, 't> Layout<'s, 't> {
    /// Makes a layout about which nothing is said.
    pub(super) fn new(source: &'s Source<'t>) -> Self {
        let gaps = source.len().saturating_add(1);
        Self { source, marks: vec![Mark::default(); gaps], tight: vec![false; gaps] }
    }

    /// Returns the marks, one for each token and one for the end; all gaps are decided.
    pub(super) fn finish(mut self) -> Vec<Mark> {
        for (at, mark) in self.marks.iter_mut().enumerate() {
            mark.gap.get_or_insert_with(|| default_gap(self.source, at));
        }
        self.marks
    }

    /// Decides how the gap before a token looks.
    pub(super) fn gap(&mut self, at: usize, gap: Gap) {
        if let Some(mark) = self.marks.get_mut(at) {
            mark.gap = Some(gap);
        }
    }

    /// Decides how the gap before a token looks, if nobody has yet.
    pub(super) fn gap_if_open(&mut self, at: usize, gap: Gap) {
        if let Some(mark) = self.marks.get_mut(at) {
            mark.gap.get_or_insert(gap);
        }
    }

    /// Returns whether somebody decided on the gap before a token.
    pub(super) fn is_decided(&self, at: usize) -> bool {
        self.marks.get(at).is_some_and(|mark| mark.gap.is_some())
    }

    /// Makes a group of tokens.
    pub(super) fn group(&mut self, (first, last): Range) {
        if let Some(mark) = self.marks.get_mut(first) {
            mark.opened = mark.opened.saturating_add(1);
        }
        if let Some(mark) = self.marks.get_mut(last.saturating_add(1)) {
            mark.closed = mark.closed.saturating_add(1);
        }
    }

    /// Indents the lines that start with any of these tokens.
    pub(super) fn nest(&mut self, (first, last): Range) {
        if last < first {
            return;
        }
        if let Some(mark) = self.marks.get_mut(first) {
            mark.levels = mark.levels.saturating_add(1);
        }
        if let Some(mark) = self.marks.get_mut(last.saturating_add(1)) {
            mark.levels = mark.levels.saturating_sub(1);
        }
    }

    /// Returns whether the bracket is one that is never broken.
    pub(super) fn is_tight(&self, at: usize) -> bool {
        self.tight.get(at).copied().unwrap_or(false)
    }

    /// Keeps a bracket and what is in it together.
    pub(super) fn tighten(&mut self, at: usize) {
        if let Some(tight) = self.tight.get_mut(at) {
            *tight = true;
        }
    }

    /// Returns the tokens of a span.
    pub(super) fn tokens_of(&self, span: Span) -> Option<Range> {
        self.source.tokens_of(span)
    }

    /// Returns the first token of a span.
    pub(super) fn first_of(&self, span: Span) -> Option<usize> {
        self.tokens_of(span).map(|(first, _)| first)
    }

    /// Returns the token after a span.
    pub(super) fn after(&self, span: Span) -> Option<usize> {
        self.tokens_of(span).map(|(_, last)| last.saturating_add(1))
    }

    /// Keeps the tokens of a span as they stand: `a*`, `['a b']`, `hint.strategy`.
    pub(super) fn keep(&mut self, span: Span) {
        let Some((first, last)) = self.tokens_of(span) else { return };
        self.tighten(first);
        for at in first.saturating_add(1)..=last {
            self.gap(at, Gap::Keep);
            self.tighten(at);
        }
    }

    /// Keeps a name as it stands.
    pub(super) fn name(&mut self, name: &Name) {
        self.keep(name.span);
    }

    /// Keeps names as they stand.
    pub(super) fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
        for name in names {
            self.name(name);
        }
    }

    /// Puts parameters without space around their `=`.
    pub(super) fn params(&mut self, params: &[Param]) {
        for param in params {
            self.name(&param.name);
            self.tight_equal(param.name.span);
            self.expr(&param.value);
        }
    }

    /// Takes the space away from around the `=` after a name.
    pub(super) fn tight_equal(&mut self, name: Span) {
        let Some(at) = self.after(name).filter(|at| self.source.kind(*at) == TokenKind::Equal)
        else {
            return;
        };
        self.gap(at, Gap::None);
        self.gap(at.saturating_add(1), Gap::None);
    }

    /// Puts each item of a list on a line of its own, if there are several and the group that they
    /// are in is broken; they are indented up to the token `last`.
    pub(super) fn items(&mut self, spans: impl IntoIterator<Item = Span>, last: usize) {
        let firsts: Vec<_> = spans.into_iter().filter_map(|span| self.first_of(span)).collect();
        let [first, _, ..] = firsts.as_slice() else { return };
        self.nest((*first, last));
        for at in firsts {
            self.gap(at, Gap::Line);
        }
    }

    /// Returns whether the tokens are all that a pair of brackets holds.
    pub(super) fn fills_brackets(&self, (first, last): Range) -> bool {
        first
            .checked_sub(1)
            .and_then(|before| self.source.partner(before))
            .is_some_and(|partner| partner == last.saturating_add(1))
    }

    /// Returns whether something's further lines are indented against its first one: not if that
    /// starts a statement or brackets, which are indented already.
    pub(super) fn hangs(&self, range: Range) -> bool {
        let starts = matches!(
            self.source.kind_before(range.0),
            TokenKind::End | TokenKind::Semicolon | TokenKind::OpenBrace | TokenKind::Directive
        );
        !starts && !self.fills_brackets(range)
    }
}
