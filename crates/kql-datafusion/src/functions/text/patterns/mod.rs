//! Functions that take a regular expression.

pub(super) mod countof;
pub(super) mod extract;
pub(super) mod extract_all;
pub(super) mod indexof_regex;
pub(super) mod regex_quote;
pub(super) mod replace_regex;
pub(super) mod trim;
