//! Brackets: what is in them is indented, and its parts take a line each where they do not fit.

use super::{gap::Gap, layout::Layout};
use crate::lexer::TokenKind;

impl Layout<'_, '_> {
    /// Lays out all brackets that the tree did not keep together.
    pub(super) fn brackets(&mut self) {
        for at in 0..self.source.len() {
            match self.source.partner(at) {
                Some(close) if at < close => self.bracket_pair(at, close),
                _ => self.separator(at),
            }
        }
    }

    fn bracket_pair(&mut self, open: usize, close: usize) {
        let (first, last) = (open.saturating_add(1), close.saturating_sub(1));
        if self.is_tight(open) || close == first {
            return;
        }
        // Around a single token or a pair of brackets, further brackets stay: `dynamic([…])`.
        let is_pair = self.source.partner(first) == Some(last) && !self.is_tight(first);
        if !self.is_decided(first) && (first == last || is_pair) {
            return;
        }
        self.group((open, close));
        self.nest((first, last));
        self.gap_if_open(first, Gap::Soft);
        self.gap_if_open(close, Gap::Soft);
    }

    /// Lays out what follows a comma or a semicolon within brackets.
    fn separator(&mut self, at: usize) {
        let Some(open) = self.source.enclosing(at).filter(|open| !self.is_tight(*open)) else {
            return;
        };
        let next = at.saturating_add(1);
        let is_last = self.source.partner(open) == Some(next);
        match self.source.kind(at) {
            TokenKind::Comma if !is_last => self.gap_if_open(next, Gap::Line),
            TokenKind::Semicolon => {
                self.gap_if_open(next, Gap::Hard);
                self.gap(open.saturating_add(1), Gap::Hard);
                if let Some(close) = self.source.partner(open) {
                    self.gap(close, Gap::Hard);
                }
            }
            _ => {}
        }
    }
}
