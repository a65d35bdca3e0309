//! Functions of each character by itself.

pub(super) mod codepoints;
pub(super) mod isascii;
pub(super) mod punycode;
pub(super) mod punycode_text;
pub(super) mod tohex;
pub(super) mod tolower;
pub(super) mod toupper;
pub(super) mod translate;
