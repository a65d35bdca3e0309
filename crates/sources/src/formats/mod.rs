//! The formats that are read: one file each, and the list of them.

mod csv;
mod evtx;
mod json;
mod parquet;
mod xml;

use crate::{
    input::content::{Content, Head},
    scan::Scan,
    shapes::Context,
};

/// Every format. The first one that recognises the content has it.
pub(crate) const ALL: &[Format] =
    &[evtx::FORMAT, parquet::FORMAT, xml::FORMAT, json::FORMAT, csv::FORMAT];

/// Reads the chunks of event logs that are anywhere in content of no format; `false` if there are
/// none.
pub(crate) fn carve(content: Content<'_>, scan: &mut Scan<'_>) -> bool {
    evtx::carve(content, scan)
}

/// Reads content of which each line is a record in JSON, whatever it starts with.
pub(crate) fn read_json_lines(content: Content<'_>, scan: &mut Scan<'_>) {
    json::read_each_line(content, scan);
}

/// Reads the records of an event log behind the one with a number.
pub(crate) fn read_records_after(after: u64, content: Content<'_>, scan: &mut Scan<'_>) {
    evtx::read_after(after, content, scan);
}

/// Tells whether text that starts like this is JSON with a record in each line.
pub(crate) fn is_json_lines(head: &str, context: Context<'_>) -> bool {
    json::is_lines(head, context)
}

/// A format of log files.
pub(crate) struct Format {
    /// Tells whether content that starts like this is of the format.
    pub(crate) recognise: fn(&Head<'_>) -> bool,
    /// Reads the content to its end; problems are told to the scan.
    pub(crate) read: fn(Content<'_>, &mut Scan<'_>),
}
