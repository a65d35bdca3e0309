//! The formats that are read: one file each, and the list of them.

mod csv;
mod evtx;
mod json;
mod parquet;
mod xml;

use crate::{
    input::content::{Content, Head},
    scan::Scan,
};

/// Every format. The first one that recognises the content has it.
pub(crate) const ALL: &[Format] =
    &[evtx::FORMAT, parquet::FORMAT, xml::FORMAT, json::FORMAT, csv::FORMAT];

/// Reads the chunks of event logs that are anywhere in content of no format; `false` if there are
/// none.
pub(crate) fn carve(content: Content<'_>, scan: &mut Scan<'_>) -> bool {
    evtx::carve(content, scan)
}

/// A format of log files.
pub(crate) struct Format {
    /// Tells whether content that starts like this is of the format.
    pub(crate) recognise: fn(&Head<'_>) -> bool,
    /// Reads the content to its end; problems are told to the scan.
    pub(crate) read: fn(Content<'_>, &mut Scan<'_>),
}
