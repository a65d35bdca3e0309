//! What a simulation tells: a line of JSON for each thing that happens, rows of Sentinel's tables, a
//! summary for people, and a picture of each rule.
//!
//! In: what a simulation tells, one by one. Out: bytes on a writer. A summary keeps counts and a few
//! examples, a timeline as many marks as a picture can show; neither keeps all alerts.

mod difference;
mod late;
mod lines;
mod page;
mod phases;
mod summary;
mod timeline;

pub use self::{
    difference::{write_changes, write_differences},
    lines::{write_line, write_rows},
    page::write_page,
    phases::{write_detections, write_phases},
    summary::Summary,
    timeline::Timeline,
};
