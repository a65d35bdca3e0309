//! 7z: members in the order in which they are compressed, many of them as one stream.

use std::io;

use sevenz_rust2::{ArchiveEntry, ArchiveReader, EntryDecision, Error, Password};

use super::{Container, Members, is_of_archiver};
use crate::{
    input::content::{Content, ReadSeek},
    problem::Reason,
    refused,
};

/// Bytes of an archive that is no file and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 64 << 20;
/// Memory that the archive's header and its compression may each ask for, in kilobytes.
const MAX_MEMORY_KB: usize = 512 << 10;

pub(super) const CONTAINER: Container = Container {
    name: "7z",
    recognise: |head| head.bytes.starts_with(&[b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c]),
    open,
};

type Archive<'s> = ArchiveReader<&'s mut Box<dyn ReadSeek>>;

fn open(content: Content<'_>, members: &mut dyn Members) {
    let mut seekable = match content.into_seekable(MAX_HELD_BYTES) {
        Ok(Some(seekable)) => seekable,
        Ok(None) => return members.problem(Reason::Nested { kind: "7z" }),
        Err(error) => return members.problem(Reason::of_io(error)),
    };
    let mut taken = 0;
    let error = match read(&mut seekable, &Password::empty(), &mut taken, members) {
        Ok(()) => return,
        Err(Error::PasswordRequired | Error::MaybeBadPassword(_)) => {
            match password(&mut seekable, members, taken) {
                Some(password) => match read(&mut seekable, &password, &mut taken, members) {
                    Ok(()) => return,
                    Err(error) => reason(error),
                },
                None if members.passwords().are_given() => Reason::WrongPassword,
                None => Reason::Encrypted,
            }
        }
        Err(error) => refused::split_part(&members.stems()).unwrap_or_else(|| reason(error)),
    };
    members.problem(error);
}

fn archive<'s>(
    seekable: &'s mut Box<dyn ReadSeek>,
    password: &Password,
) -> Result<Archive<'s>, Error> {
    seekable.rewind()?;
    let password = password.clone();
    let mut archive = ArchiveReader::new_with_memory_limit(seekable, password, MAX_MEMORY_KB)?;
    archive.set_thread_count(1);
    Ok(archive)
}

/// Hands over the members behind those that have been `taken`, and counts them.
fn read(
    seekable: &mut Box<dyn ReadSeek>,
    password: &Password,
    taken: &mut usize,
    members: &mut dyn Members,
) -> Result<(), Error> {
    let mut at = 0_usize;
    let mut archive = archive(seekable, password)?;
    archive.for_each_entries_with_decision(|entry: &ArchiveEntry, member| {
        at = at.saturating_add(1);
        if at > *taken {
            *taken = at;
            if !entry.is_directory() && !is_of_archiver(entry.name()) {
                members.member(entry.name(), Content::of_stream(Box::new(member)));
            }
        }
        Ok(if members.is_stopped() { EntryDecision::Stop } else { EntryDecision::Continue })
    })
}

/// Finds the password with which the member behind those `taken` can be read to its end: only its
/// checksum tells.
fn password(
    seekable: &mut Box<dyn ReadSeek>,
    members: &dyn Members,
    taken: usize,
) -> Option<Password> {
    let candidates = members.passwords().candidates().map(Password::from);
    candidates.into_iter().find(|candidate| opens(seekable, candidate, taken).is_ok())
}

fn opens(seekable: &mut Box<dyn ReadSeek>, password: &Password, taken: usize) -> Result<(), Error> {
    let mut at = 0_usize;
    archive(seekable, password)?.for_each_entries_with_decision(|entry: &ArchiveEntry, member| {
        at = at.saturating_add(1);
        if at <= taken || !entry.has_stream() {
            return Ok(EntryDecision::Continue);
        }
        io::copy(member, &mut io::sink())?;
        Ok(EntryDecision::Stop)
    })
}

fn reason(error: Error) -> Reason {
    let unsupported = |what: String| Reason::Unsupported { kind: "7z", what };
    let message = match error {
        Error::Io(error, _) => return Reason::of_io(error),
        Error::PasswordRequired => return Reason::Encrypted,
        Error::MaybeBadPassword(_) => return Reason::WrongPassword,
        Error::UnsupportedCompressionMethod(method) if method.starts_with("AES") => {
            return Reason::Encryption { kind: "7z", method: "AES-256" };
        }
        Error::UnsupportedCompressionMethod(method) => {
            return Reason::UnsupportedMethod { kind: "7z", method };
        }
        Error::UnsupportedVersion { major, minor } => {
            return unsupported(format!("version {major}.{minor}"));
        }
        Error::MaxMemLimited { max_kb, actaul_kb } => {
            return unsupported(format!(
                "compression that needs {} MB of memory, more than {}",
                actaul_kb.wrapping_shr(10),
                max_kb.wrapping_shr(10)
            ));
        }
        Error::Unsupported(what) => return unsupported(what.into_owned()),
        Error::ExternalUnsupported => {
            return unsupported("header data in another stream".to_owned());
        }
        Error::ChecksumVerificationFailed => "a member's checksum differs".to_owned(),
        Error::NextHeaderCrcMismatch => "the checksum of its directory differs".to_owned(),
        Error::Other(what) => what.into_owned(),
        _ => "its directory cannot be read".to_owned(),
    };
    Reason::Archive { kind: "7z", message }
}
