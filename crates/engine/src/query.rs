//! Queries and what they are asked of: the tables of an environment, and those that the user gives.
//!
//! In: query texts. Out: their plans over raw tables, or diagnostics.

pub(crate) mod compile;
pub(crate) mod environment;
pub(crate) mod event_fields;
pub(crate) mod given;
pub(crate) mod open_columns;
pub(crate) mod stages;
pub(crate) mod unfilled;
