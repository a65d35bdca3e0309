//! How the text between two tokens looks.

/// How the gap before a token looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// A space.
    Space,
    /// Nothing if the source has nothing, else a space.
    Keep,
    /// A line break if the group is broken, else nothing.
    Soft,
    /// A line break if the group is broken, else a space.
    Line,
    /// A line break.
    Hard,
    /// A line break, and the source's empty line if there is one.
    Statement,
}
