//! Operators that add, choose and fill columns.

pub(super) mod columns;
pub(super) mod extend;
pub(super) mod getschema;
pub(super) mod mv_expand;
pub(super) mod parse;
pub(super) mod parse_kv;
pub(super) mod parse_pattern;
pub(super) mod project;
pub(super) mod project_by_names;
