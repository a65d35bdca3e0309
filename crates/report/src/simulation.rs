//! What a simulation tells: a line of JSON for each thing that happens, rows of Sentinel's tables, and a
//! summary for people.
//!
//! In: what a simulation tells, one by one. Out: bytes on a writer. A summary keeps counts and a few
//! examples, never the alerts.

mod lines;
mod phases;
mod summary;

pub use self::{
    lines::{write_line, write_rows},
    phases::{write_detections, write_phases},
    summary::Summary,
};
