//! Functions of texts.

pub(super) mod encoding;
pub(super) mod hashing;
pub(super) mod ip;
pub(super) mod parsing;
pub(super) mod regex;
pub(super) mod strings;
