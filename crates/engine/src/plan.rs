//! From compiled queries to plans whose leaves say what they need of the input.
//!
//! In: the plan of each result, over raw tables. Out: optimised plans, their leaves, and one request for
//! all of them, with where each leaf's columns stand in what it brings.

pub(crate) mod branch;
pub(crate) mod division;
mod event_requests;
pub(crate) mod first_rows;
pub(crate) mod layout;
pub(crate) mod one_partition;
pub(crate) mod planner;
pub(crate) mod pushdown;
pub(crate) mod raw_table;
mod table_pushdown;
pub(crate) mod time_use;
