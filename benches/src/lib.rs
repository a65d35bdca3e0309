//! What the benches share: comparing one way with others over the same bytes, and large inputs.
//!
//! In: closures that do the same work, ours first. Out: their ratios, printed. A ratio holds on any
//! machine, a time only on the one it was taken on, so nothing here is ever a test's condition.

mod comparison;
mod duckdb;
mod large_event_log;

pub use comparison::Comparison;
pub use duckdb::DuckDb;
pub use large_event_log::{LargeEventLogError, event_logs, large_event_log};
