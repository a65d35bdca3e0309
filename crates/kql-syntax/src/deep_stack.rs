//! Recursion as deep as a query nests, whatever thread it runs on.

/// With less stack than this left, a new piece is allocated.
const RED_ZONE_BYTES: usize = 128 * 1024;

/// The size of a new piece of stack.
const PIECE_BYTES: usize = 1024 * 1024;

/// Runs a step of a recursion, on a new piece of stack if little is left.
pub(crate) fn with_deep_stack<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE_BYTES, PIECE_BYTES, step)
}
