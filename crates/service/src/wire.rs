//! The forms in which clients ask and are answered. Plain functions of bytes: none of them runs a query.

pub(crate) mod graph;
pub(crate) mod kusto;
pub(crate) mod log_analytics;
mod rows;
pub(crate) mod timespan;
mod types;
mod visualization;

/// Appends text that has values in it.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _infallible = std::fmt::Write::write_fmt(out, text);
}
