//! Operators over several tables, or that make one.

pub(super) mod datatable;
pub(super) mod external_data;
pub(super) mod find;
pub(super) mod join;
pub(super) mod lookup;
pub(super) mod print;
pub(super) mod range;
pub(super) mod search;
pub(super) mod table_list;
pub(super) mod union;
