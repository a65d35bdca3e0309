//! Reading a bundle that anybody may have made.
//!
//! What it holds in memory is bounded by the room it is given and not by what the archive claims:
//! members are unpacked as streams, the manifest and lines only up to a length.

use std::{
    cell::Cell,
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    num::NonZeroU64,
    rc::Rc,
};

use thiserror::Error;
use zip::{ZipArchive, result::ZipError};

use super::{ALERTS, FORMAT, HOPS, MANIFEST, Manifest, RECORDS, RULES, digest::digest_of, sha256};
use crate::WriteError;

/// A bundle that is none, or cannot be read.
#[derive(Debug, Error)]
pub enum BundleError {
    /// It is no zip archive, or a damaged one.
    #[error("no evidence bundle")]
    Zip(#[from] ZipError),
    /// It cannot be read or written.
    #[error("cannot be read or written")]
    Io(#[from] io::Error),
    /// Something in it could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Its manifest is not what it should be.
    #[error("`manifest.json` is not a manifest")]
    Manifest(#[from] serde_json::Error),
    /// A later Quarry wrote it.
    #[error("a bundle of form {found}; this version reads form {FORMAT}")]
    Format {
        /// The form.
        found: u32,
    },
    /// The archive is none that this program writes.
    #[error("no evidence bundle: {0}")]
    Archive(&'static str),
    /// The manifest names a member in a way that bundles never have.
    #[error("`manifest.json`: `{name}` is not a name that a bundle's {what} can have")]
    Name {
        /// The name.
        name: String,
        /// What it is to be the name of.
        what: &'static str,
    },
    /// Something is larger than the memory allows.
    #[error("`{what}` has more than {most} bytes, which is all that `--memory` leaves for it")]
    TooLarge {
        /// The member, or a line of it.
        what: String,
        /// So many bytes it may have.
        most: u64,
    },
    /// A member of records does not have as many as the manifest says.
    #[error("`{name}` has {found} lines, but the manifest speaks of {expected}")]
    Lines {
        /// The member.
        name: String,
        /// The lines.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
}

/// What the parts of a bundle take in memory is a multiple of their bytes: for each the part of the
/// room that its bytes may have.
const DIRECTORY_PART: NonZeroU64 = part(16);
const MANIFEST_PART: NonZeroU64 = part(32);
const LINE_PART: NonZeroU64 = part(32);
const RULE_PART: NonZeroU64 = part(128);

const fn part(number: u64) -> NonZeroU64 {
    match NonZeroU64::new(number) {
        Some(part) => part,
        None => NonZeroU64::MIN,
    }
}

/// A bundle that is being checked.
pub struct Bundle<R> {
    zip: ZipArchive<Metered<R>>,
    room: u64,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The SHA-256 of the manifest.
    pub digest: String,
}

impl<R: Read + Seek> Bundle<R> {
    /// Opens a bundle and reads its manifest; reading it takes no more than `room` bytes of memory.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn open(reader: R, room: u64) -> Result<Self, BundleError> {
        let mut reader = reader;
        let mut mark = [0; 2];
        reader.read_exact(&mut mark).map_err(|error| BundleError::Zip(error.into()))?;
        if mark != *b"PK" {
            return Err(BundleError::Archive("not a zip archive"));
        }
        let most = room / DIRECTORY_PART;
        let left = Rc::new(Cell::new(Some(most)));
        let metered = Metered { inner: reader, left: Rc::clone(&left) };
        let mut zip = ZipArchive::new(metered).map_err(|error| match error {
            ZipError::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
                BundleError::TooLarge { what: "the archive's directory".to_owned(), most }
            }
            error => BundleError::Zip(error),
        })?;
        left.set(None);
        if zip.has_duplicate_names() {
            return Err(BundleError::Archive("two members have the same name"));
        }
        if zip.has_overlapping_entries()? {
            return Err(BundleError::Archive("members share bytes of the archive"));
        }
        let bytes = whole(&mut zip, MANIFEST, room / MANIFEST_PART)?;
        let manifest: Manifest = serde_json::from_slice(&bytes)?;
        if manifest.format != FORMAT {
            return Err(BundleError::Format { found: manifest.format });
        }
        check_names(&manifest)?;
        Ok(Self { zip, room, manifest, digest: sha256(&bytes) })
    }

    /// Returns a rule's text.
    ///
    /// # Errors
    ///
    /// If it is not there, damaged or too large.
    pub fn rule(&mut self, name: &str) -> Result<Vec<u8>, BundleError> {
        whole(&mut self.zip, name, self.room / RULE_PART)
    }

    /// Hands on the lines of a member, with their ends; returns how many there are.
    ///
    /// # Errors
    ///
    /// If it is not there or damaged, or a line is too long; and what `take` returns.
    pub fn lines<E: From<BundleError>>(
        &mut self,
        name: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let most = self.room / LINE_PART;
        let member = self.zip.by_name(name).map_err(BundleError::from)?;
        let mut member = BufReader::new(member);
        let (mut line, mut number) = (Vec::new(), 0u64);
        loop {
            line.clear();
            let mut limited = member.by_ref().take(most.saturating_add(1));
            if limited.read_until(b'\n', &mut line).map_err(BundleError::from)? == 0 {
                return Ok(number);
            }
            number = number.saturating_add(1);
            if u64::try_from(line.len()).unwrap_or(u64::MAX) > most {
                let what = format!("{name}: line {number}");
                return Err(BundleError::TooLarge { what, most }.into());
            }
            take(&line)?;
        }
    }

    /// Returns what is not as the manifest says, in words; nothing if the bundle is whole.
    pub fn differences(&mut self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, expected) in &self.manifest.files {
            let member = self.zip.by_name(name).map_err(BundleError::from);
            match member.and_then(|member| Ok(digest_of(member)?)) {
                Ok((_, found)) if found == *expected => {}
                Ok(_) => differences.push(format!("`{name}` is not what was put in")),
                Err(error) => differences.push(format!("`{name}`: {error}")),
            }
        }
        let mut strangers: Vec<String> = self
            .zip
            .file_names()
            // A name that cannot be read is in no manifest.
            .map(|name| name.map_or_else(|_| "?".to_owned(), std::borrow::Cow::into_owned))
            .filter(|name| *name != MANIFEST && !self.manifest.files.contains_key(name))
            .map(|name| format!("`{}` is not in the manifest", name.escape_debug()))
            .collect();
        strangers.sort();
        differences.append(&mut strangers);
        differences
    }
}

impl<R> std::fmt::Debug for Bundle<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

/// Returns a member's bytes.
fn whole<R: Read + Seek>(
    zip: &mut ZipArchive<Metered<R>>,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    zip.by_name(name)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(BundleError::TooLarge { what: name.to_owned(), most });
    }
    Ok(bytes)
}

/// Tells whether a manifest's names are those that bundles have: each member that is read is one
/// whose digest is compared.
fn check_names(manifest: &Manifest) -> Result<(), BundleError> {
    let wrong = |name: &str, what| Err(BundleError::Name { name: name.to_owned(), what });
    let is_numbered = |name: &str, folder: &str, ending: &str| {
        let number = name.strip_prefix(folder).and_then(|rest| rest.strip_suffix(ending));
        number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_rule = |name: &str| is_numbered(name, RULES, ".yaml");
    let is_records = |name: &str| is_numbered(name, RECORDS, ".jsonl");
    for name in manifest.files.keys() {
        if !(is_rule(name) || is_records(name) || [ALERTS, HOPS].contains(&name.as_str())) {
            return wrong(name, "member");
        }
    }
    let is_there = |name: &str| manifest.files.contains_key(name);
    if !is_there(ALERTS) {
        return wrong("", "alerts");
    }
    let mut met = BTreeSet::new();
    for rule in &manifest.rules {
        if !is_rule(&rule.path) || !is_there(&rule.path) || !met.insert(&rule.path) {
            return wrong(&rule.path, "rule");
        }
    }
    for records in &manifest.records {
        if !is_records(&records.path) || !is_there(&records.path) || !met.insert(&records.path) {
            return wrong(&records.path, "records");
        }
    }
    Ok(())
}

/// A reader that gives no more than so many bytes, as long as there is such a limit.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<Option<u64>>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(left) = self.left.get() {
            let rest = left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX));
            let rest = rest.ok_or_else(|| io::Error::from(io::ErrorKind::QuotaExceeded))?;
            self.left.set(Some(rest));
        }
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
