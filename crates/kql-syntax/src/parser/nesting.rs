//! How deep a query may nest, and the stack for it.
//!
//! Two figures are bounded. The *depth* is how many constructs are being read within each other;
//! each may need a few kilobytes of stack, which grows on demand. The *height* is that of the tree:
//! a chain of ten thousand `+` is one construct but a tree of that height, and whoever walks or
//! drops the tree recurses as deep. Chains of `and` and `or`, and pipelines, are flat.

use super::Parser;
use crate::{Diagnostic, code, deep_stack::with_deep_stack};

/// The most constructs within each other.
const MAX_DEPTH: u32 = 3_000;

/// The tallest tree, counted in nodes. Dropping one takes up to 220 bytes of stack a node in a debug
/// build, and the stack cannot grow for that.
const MAX_HEIGHT: u32 = 4_500;

impl Parser<'_> {
    /// Reads a construct within the current one; beyond the limit gives up and returns `None`.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.give_up();
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        let tallest = std::mem::take(&mut self.height);
        let tree = with_deep_stack(|| read(self));
        self.depth = self.depth.saturating_sub(1);
        self.grow_tree();
        self.height = self.height.max(tallest);
        Some(tree)
    }

    /// Reads a part whose tree stands beside, not below, those read before it.
    pub(super) fn beside<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let tallest = std::mem::take(&mut self.height);
        let tree = read(self);
        self.height = self.height.max(tallest);
        tree
    }

    /// Counts a node put on top of the tallest tree of the current construct.
    pub(super) fn grow_tree(&mut self) {
        self.height = self.height.saturating_add(1);
        if self.height > MAX_HEIGHT {
            self.give_up();
        }
    }

    /// Reports that a limit is exceeded, and skips the rest of the text.
    fn give_up(&mut self) {
        let diagnostic =
            Diagnostic::error(code::TOO_DEEP, self.span(), "the query nests too deeply")
                .with_help("split it with `let`, or write a list of values as `in (…)`");
        self.reported_at = None;
        self.report(diagnostic);
        self.gave_up = true;
        self.pos = self.tokens.len();
    }
}
