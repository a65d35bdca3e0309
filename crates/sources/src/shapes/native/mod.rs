//! Rows of native tables.

pub(super) mod defender_stream;
pub(super) mod table_row;
