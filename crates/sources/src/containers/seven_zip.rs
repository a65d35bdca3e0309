//! 7z: members in the order in which they are compressed, many of them as one stream.

use sevenz_rust2::{ArchiveEntry, ArchiveReader, EntryDecision, Error, Password};

use super::{Container, is_of_archiver};
use crate::{content::Content, problem::Reason, scan::Scan};

/// Bytes of an archive that is no file and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 64 << 20;
/// Memory that the archive's header and its compression may each ask for, in kilobytes.
const MAX_MEMORY_KB: usize = 512 << 10;

pub(super) const CONTAINER: Container = Container {
    name: "7z",
    recognise: |head| head.bytes.starts_with(&[b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c]),
    open,
};

fn open(content: Content<'_>, scan: &mut Scan<'_>) {
    let seekable = match content.into_seekable(MAX_HELD_BYTES) {
        Ok(Some(seekable)) => seekable,
        Ok(None) => return scan.problem(None, None, Reason::Nested { kind: "7z" }),
        Err(error) => return scan.problem(None, None, Reason::of_io(error)),
    };
    let opened = ArchiveReader::new_with_memory_limit(seekable, Password::empty(), MAX_MEMORY_KB);
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(error) => return scan.problem(None, None, reason(error)),
    };
    archive.set_thread_count(1);
    let outcome = archive.for_each_entries_with_decision(|entry: &ArchiveEntry, member| {
        let is_log = !entry.is_directory() && !is_of_archiver(entry.name());
        if is_log {
            scan.member(entry.name(), Content::of_stream(Box::new(member)));
        }
        Ok(if scan.is_stopped() { EntryDecision::Stop } else { EntryDecision::Continue })
    });
    if let Err(error) = outcome {
        scan.problem(None, None, reason(error));
    }
}

fn reason(error: Error) -> Reason {
    match error {
        Error::Io(error, _) => Reason::of_io(error),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Reason::Encrypted,
        error => Reason::Archive { kind: "7z", message: error.to_string() },
    }
}
