//! Windows event XML: finding the events in a text, and reading one into its tree.

pub(crate) mod framing;
pub(crate) mod lenient;
pub(crate) mod read;

/// Nesting past which an event is refused, in elements.
const MAX_DEPTH: usize = 64;
