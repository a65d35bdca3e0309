//! Operators that add, choose and fill columns.

pub(super) mod mv_apply;
pub(super) mod mv_expand;
pub(super) mod parse;
pub(super) mod parse_kv;
pub(super) mod project;
pub(super) mod serialize;
