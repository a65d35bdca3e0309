//! ZIP: members by the directory at the archive's end.

use zip::{ZipArchive, result::ZipError};

use super::{Container, is_of_archiver};
use crate::{content::Content, problem::Reason, scan::Scan};

/// Bytes of an archive that is no file and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 64 << 20;

pub(super) const CONTAINER: Container = Container {
    name: "ZIP",
    recognise: |head| {
        [&b"PK\x03\x04"[..], b"PK\x05\x06"].iter().any(|mark| head.bytes.starts_with(mark))
    },
    open,
};

fn open(content: Content<'_>, scan: &mut Scan<'_>) {
    let seekable = match content.into_seekable(MAX_HELD_BYTES) {
        Ok(Some(seekable)) => seekable,
        Ok(None) => return scan.problem(None, None, Reason::Nested { kind: "ZIP" }),
        Err(error) => return scan.problem(None, None, Reason::of_io(error)),
    };
    let mut archive = match ZipArchive::new(seekable) {
        Ok(archive) => archive,
        Err(error) => return scan.problem(None, None, reason(error)),
    };
    for at in 0..archive.len() {
        let name = match archive.name_for_index(at) {
            Some(Ok(name)) => name.into_owned(),
            Some(Err(_)) | None => format!("member {}", at.saturating_add(1)),
        };
        match archive.by_index(at) {
            Ok(member) if member.is_dir() || is_of_archiver(&name) => {}
            Ok(member) => scan.member(&name, Content::of_stream(Box::new(member))),
            Err(error) => scan.member_problem(&name, reason(error)),
        }
        if scan.is_stopped() {
            return;
        }
    }
}

fn reason(error: ZipError) -> Reason {
    match error {
        ZipError::Io(error) => Reason::of_io(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Reason::Encrypted,
        error => Reason::Archive { kind: "ZIP", message: error.to_string() },
    }
}
