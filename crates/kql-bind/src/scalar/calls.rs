//! Calls: of functions, of patterns.

pub(super) mod arguments;
pub(super) mod call;
pub(super) mod overload;
pub(super) mod pattern;
pub(super) mod special;
