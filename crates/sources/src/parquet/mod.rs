//! Parquet: leaving unread what is not wanted, and turning its columns into those of the tables.

pub(crate) mod convert;
pub(crate) mod file;
mod first;
pub(crate) mod forms;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod partition;
pub(crate) mod plain;
pub(crate) mod plan;
pub(crate) mod row_numbers;
pub(crate) mod statistics;
pub(crate) mod test;
