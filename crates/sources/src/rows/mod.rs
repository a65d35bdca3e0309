//! Rows of natively exported tables: cells of an export into typed columns.

pub(crate) mod batch;
pub(crate) mod cell;
pub(crate) mod column;
mod first;
pub(crate) mod lane;
mod sparse;
pub(crate) mod test;
pub(crate) mod time;
