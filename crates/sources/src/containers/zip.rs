//! ZIP: members by the directory at the archive's end.

use std::io;

use zip::{
    CompressionMethod, ZipArchive,
    read::ZipReadOptions,
    result::{ZipError, ZipResult},
};

use super::{Container, Members, is_of_archiver};
use crate::{
    input::content::{Content, ReadSeek},
    passwords::Passwords,
    problem::Reason,
    refused::{self, AFF4, OFFICE, Refused},
};

/// Bytes of an archive that is no file and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 64 << 20;
/// How the extra field starts that a member encrypted with AES has.
const AES_FIELD: [u8; 4] = [0x01, 0x99, 0x07, 0x00];

pub(super) const CONTAINER: Container = Container {
    name: "ZIP",
    recognise: |head| {
        [&b"PK\x03\x04"[..], b"PK\x05\x06"].iter().any(|mark| head.bytes.starts_with(mark))
    },
    open,
};

type Archive = ZipArchive<Box<dyn ReadSeek>>;

fn open(content: Content<'_>, members: &mut dyn Members) {
    let seekable = match content.into_seekable(MAX_HELD_BYTES) {
        Ok(Some(seekable)) => seekable,
        Ok(None) => return members.problem(Reason::Nested { kind: "ZIP" }),
        Err(error) => return members.problem(Reason::of_io(error)),
    };
    let mut archive = match ZipArchive::new(seekable) {
        Ok(archive) => archive,
        Err(error) => {
            let reason = refused::split_part(&members.stems()).unwrap_or_else(|| reason(error));
            return members.problem(reason);
        }
    };
    if let Some(refused) = other_content(&archive) {
        return members.problem(refused.reason());
    }
    let passwords = members.passwords().clone();
    let mut keys = Keys { passwords: &passwords, found: None };
    for at in 0..archive.len() {
        let name = match archive.name_for_index(at) {
            Some(Ok(name)) => name.into_owned(),
            Some(Err(_)) | None => format!("member {}", at.saturating_add(1)),
        };
        if name.ends_with('/') || is_of_archiver(&name) {
            continue;
        }
        let opened = keys.of(&mut archive, at).and_then(|password| {
            let options = ZipReadOptions::new().password(password.map(str::as_bytes));
            archive.by_index_with_options(at, options).map_err(reason)
        });
        match opened {
            Ok(member) if member.is_dir() => {}
            Ok(member) if unread_method(member.compression()).is_some() => {
                let method = unread_method(member.compression()).unwrap_or_default();
                drop(member);
                members.member_problem(&name, Reason::UnsupportedMethod { kind: "ZIP", method });
            }
            Ok(member) => members.member(&name, Content::of_stream(Box::new(member))),
            Err(reason) => members.member_problem(&name, reason),
        }
        if members.is_stopped() {
            return;
        }
    }
}

/// Tells what an archive is that other programs keep their own files in.
fn other_content(archive: &Archive) -> Option<&'static Refused> {
    if archive.index_for_name("[Content_Types].xml").is_some() {
        return Some(&OFFICE);
    }
    archive.index_for_name("information.turtle").map(|_| &AFF4)
}

/// The passwords of an archive's members.
struct Keys<'p> {
    passwords: &'p Passwords,
    /// One that has opened a member: most often it opens all.
    found: Option<&'p str>,
}

impl<'p> Keys<'p> {
    /// Returns the password of a member, `None` if it needs none.
    fn of(&mut self, archive: &mut Archive, at: usize) -> Result<Option<&'p str>, Reason> {
        if !archive.by_index_data(at).map_err(reason)?.encrypted() {
            return Ok(None);
        }
        let mut checked = None;
        for candidate in self.found.into_iter().chain(self.passwords.candidates()) {
            match opens(archive, at, candidate, self.found == Some(candidate)) {
                Ok(Opens::Whole) => {
                    self.found = Some(candidate);
                    return Ok(Some(candidate));
                }
                Ok(Opens::Damaged) => checked = Some(candidate),
                Ok(Opens::Not) | Err(ZipError::InvalidPassword) => {}
                Err(error) => return Err(reason(error)),
            }
        }
        // The password is right and the member is not: reading it says what is wrong.
        let wrong =
            if self.passwords.are_given() { Reason::WrongPassword } else { Reason::Encrypted };
        checked.map(Some).ok_or(wrong)
    }
}

/// What a password does to a member.
enum Opens {
    Whole,
    /// It passes the check that AES has, and then there is damage.
    Damaged,
    Not,
}

/// Tries a password. The older encryption lets one wrong password in 256 pass, so that only the data
/// tell; a password `is_known` that has opened another member.
fn opens(archive: &mut Archive, at: usize, password: &str, is_known: bool) -> ZipResult<Opens> {
    let options = ZipReadOptions::new().password(Some(password.as_bytes()));
    let mut member = archive.by_index_with_options(at, options)?;
    if is_known || io::copy(&mut member, &mut io::sink()).is_ok() {
        return Ok(Opens::Whole);
    }
    let extra = member.extra_data().unwrap_or_default();
    let has_check = extra.windows(AES_FIELD.len()).any(|bytes| bytes == AES_FIELD);
    Ok(if has_check { Opens::Damaged } else { Opens::Not })
}

fn reason(error: ZipError) -> Reason {
    match error {
        ZipError::Io(error) => Reason::of_io(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Reason::Encrypted,
        ZipError::InvalidPassword => Reason::WrongPassword,
        ZipError::CompressionMethodNotSupported(id) => {
            Reason::UnsupportedMethod { kind: "ZIP", method: method(id) }
        }
        ZipError::UnsupportedArchive(what) if what.starts_with("AES") => {
            Reason::Encryption { kind: "ZIP", method: "AES" }
        }
        ZipError::UnsupportedArchive(what) => {
            Reason::Unsupported { kind: "ZIP", what: what.into() }
        }
        ZipError::InvalidArchive(what) if what.contains("EOCD") => {
            let message = "its directory is not there: it is cut off, or a part of a split archive";
            Reason::Archive { kind: "ZIP", message: message.to_owned() }
        }
        error => Reason::Archive { kind: "ZIP", message: error.to_string() },
    }
}

/// Returns the name of a compression method that is not read.
#[expect(deprecated, reason = "it is what the library gives for methods that it does not read")]
fn unread_method(compression: CompressionMethod) -> Option<String> {
    match compression {
        CompressionMethod::Unsupported(id) => Some(method(id)),
        _ => None,
    }
}

/// Returns the name of a compression method.
///
/// Source: PKWARE's APPNOTE.TXT, 4.4.5.
fn method(id: u16) -> String {
    let name = match id {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        20 | 93 => "Zstandard",
        94 => "MP3",
        95 => "XZ",
        96 => "JPEG",
        97 => "WavPack",
        98 => "PPMd",
        id => return format!("number {id}"),
    };
    name.to_owned()
}
