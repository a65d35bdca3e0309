//! Archives and compressed streams: one file each, and the list of them.

mod bzip2;
mod gzip;
mod lz4;
mod seven_zip;
mod tar;
mod xz;
mod zip;
mod zstandard;

use crate::{content::Content, formats::Head, scan::Scan};

/// Every kind of archive. The first one that recognises the content has it.
pub(crate) const ALL: &[Container] = &[
    gzip::CONTAINER,
    zip::CONTAINER,
    zstandard::CONTAINER,
    seven_zip::CONTAINER,
    tar::CONTAINER,
    bzip2::CONTAINER,
    xz::CONTAINER,
    lz4::CONTAINER,
];

/// A kind of archive.
pub(crate) struct Container {
    /// What problems call it.
    pub(crate) name: &'static str,
    /// Tells whether content that starts like this is of the kind.
    pub(crate) recognise: fn(&Head<'_>) -> bool,
    /// Hands each member to the scan.
    pub(crate) open: fn(Content<'_>, &mut Scan<'_>),
}

/// Tells whether a member is what an archiver adds for itself: never a log.
///
/// macOS puts a file's resource fork beside it, named `._` and the file's name.
fn is_of_archiver(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|file| file.starts_with("._"))
}
