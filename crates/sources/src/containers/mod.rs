//! Archives and compressed streams: one file each, and the list of them.

mod bzip2;
mod gzip;
mod lz4;
mod seven_zip;
mod tar;
mod xz;
mod zip;
mod zstandard;

use crate::{
    input::content::{Content, Head},
    passwords::Passwords,
    problem::Reason,
};

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
    /// Hands on each member.
    pub(crate) open: fn(Content<'_>, &mut dyn Members),
}

/// Takes what is in an archive.
pub(crate) trait Members {
    /// Takes what is in a compressed stream: it has no name of its own.
    fn content(&mut self, content: Content<'_>);

    /// Takes a member.
    fn member(&mut self, name: &str, content: Content<'_>);

    /// Takes note of a problem with a member that could not even be opened.
    fn member_problem(&mut self, name: &str, reason: Reason);

    /// Takes note of a problem with the archive.
    fn problem(&mut self, reason: Reason);

    /// Returns what archives that are encrypted may be opened with.
    fn passwords(&self) -> &Passwords;

    /// Returns the names of the archive and of what it lies in, folders left out, the innermost
    /// first.
    fn stems(&self) -> Vec<String>;

    /// Tells whether nothing more is wanted.
    fn is_stopped(&self) -> bool;
}

/// Tells whether a member is what an archiver adds for itself: never a log.
///
/// macOS puts a file's resource fork beside it, named `._` and the file's name.
fn is_of_archiver(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|file| file.starts_with("._"))
}
