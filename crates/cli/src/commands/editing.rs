//! Commands for whoever writes queries and rules.

pub(crate) mod fmt;
pub(crate) mod lsp;
