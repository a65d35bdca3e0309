//! Why a record's content cannot be decoded.

use thiserror::Error;

/// Why a record's content cannot be decoded; offsets are within the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The binary XML goes on past the end of the chunk.
    #[error("binary XML at {offset:#x} goes on past the chunk's end")]
    Truncated {
        /// Where more was expected.
        offset: usize,
    },
    /// A byte stands where a token should, and is none.
    #[error("binary XML at {offset:#x} has no token {token:#04x}")]
    UnknownToken {
        /// Where it stands.
        offset: usize,
        /// The byte.
        token: u8,
    },
    /// A token stands where it may not: an end without a start, a value outside an element.
    #[error("binary XML at {offset:#x} has token {token:#04x} out of place")]
    MisplacedToken {
        /// Where it stands.
        offset: usize,
        /// The token.
        token: u8,
    },
    /// An element has no end.
    #[error("binary XML at {offset:#x} ends within an element")]
    Unclosed {
        /// Where the stream ends.
        offset: usize,
    },
    /// A literal value has a type that needs a length it does not have.
    #[error("binary XML at {offset:#x} has a literal of type {ty:#04x}")]
    UnknownType {
        /// Where it stands.
        offset: usize,
        /// The type.
        ty: u8,
    },
    /// A template definition has other than one root element.
    #[error("template at {offset:#x} has other than one root element")]
    TemplateRoots {
        /// Where the definition starts.
        offset: usize,
    },
    /// Elements or fragments are nested deeper than any real event has them.
    #[error("elements are nested too deep")]
    TooDeep,
    /// Decoding the chunk's records so far took more than any real chunk does.
    #[error("chunk costs more to decode than its size allows")]
    TooCostly,
    /// The record holds no element.
    #[error("record holds no event")]
    NoEvent,
}
