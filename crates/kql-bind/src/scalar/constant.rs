//! Values that are known before any row is.

pub(super) mod constants;
pub(super) mod literal;
pub(super) mod regexes;
