//! Names: what they mean, and what a column is called.

pub(super) mod method;
pub(super) mod name;
pub(super) mod naming;
