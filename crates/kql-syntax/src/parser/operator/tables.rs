//! Operators over several tables, or that make one.

pub(super) mod find;
pub(super) mod inline_external_table;
pub(super) mod join;
pub(super) mod lookup;
pub(super) mod macro_expand;
pub(super) mod range;
pub(super) mod search;
pub(super) mod union;
