//! An evidence bundle: all that it takes to check a finding without the one who made it.
//!
//! A zip archive of `manifest.json`, which names every other member with its SHA-256; `alerts.jsonl` and
//! `hops.jsonl`; the rules as they were, in `rules/`; and the cited records with all their fields, one
//! file in `records/` for each file or archive member they come from, in a form that Quarry reads. The
//! same findings give the same bytes.

use std::{
    collections::BTreeMap,
    io::{Read, Seek, Write},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zip::{
    CompressionMethod, DateTime, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions,
};

use crate::{
    Options, WriteError,
    alerts::{self, AlertFormat},
    findings::Findings,
};

/// The member that names all others.
const MANIFEST: &str = "manifest.json";
/// The alerts, in the form of `--format jsonl`.
pub const ALERTS: &str = "alerts.jsonl";
/// The hops, in the form of `--format hops`.
const HOPS: &str = "hops.jsonl";
/// The form of bundles that is written and read here.
const FORMAT: u32 = 1;
/// A member may take so many bytes when it is unpacked.
const MAX_MEMBER: u64 = 4 << 30;

/// What a bundle is made of besides the findings.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The rules that ran.
    pub rules: Vec<BundledRule>,
    /// The files of the input.
    pub inputs: Vec<BundledInput>,
    /// The cited records.
    pub records: Vec<BundledRecords>,
    /// What `now()` was, if it was given.
    pub now: Option<String>,
}

/// A rule, as its file had it.
#[derive(Clone, Debug)]
pub struct BundledRule {
    /// Its id.
    pub id: String,
    /// The behaviours it sees.
    pub behaviours: Vec<String>,
    /// The file's text.
    pub yaml: String,
}

/// A file of the input.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct BundledInput {
    /// Its path, as given or found.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Cited records of one file or archive member and one table.
#[derive(Clone, Debug)]
pub struct BundledRecords {
    /// The file.
    pub file: String,
    /// The member, if it is an archive.
    pub member: Option<String>,
    /// Each record's 1-based index there, and its fields as a JSON object.
    pub records: Vec<(u64, String)>,
}

/// What a bundle says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the bundle.
    pub format: u32,
    /// Quarry's version.
    pub quarry: String,
    /// The package's id.
    pub package: String,
    /// The package's version.
    pub package_version: String,
    /// What `now()` was, if it was given.
    pub now: Option<String>,
    /// The rules, in the order in which they ran.
    pub rules: Vec<RuleEntry>,
    /// The files of the input.
    pub inputs: Vec<BundledInput>,
    /// Where the cited records stood.
    pub records: Vec<RecordsEntry>,
    /// SHA-256 of each other member, by name.
    pub files: BTreeMap<String, String>,
}

/// A rule of a bundle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleEntry {
    /// Its id.
    pub id: String,
    /// The behaviours it sees.
    pub behaviours: Vec<String>,
    /// The member that holds it.
    pub path: String,
}

/// A file of cited records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordsEntry {
    /// The member that holds them.
    pub path: String,
    /// The file that they come from.
    pub file: String,
    /// The member of it, if it is an archive.
    pub member: Option<String>,
    /// For each line, the index of the record where it comes from.
    pub lines: Vec<u64>,
}

/// A bundle that is none, or cannot be read.
#[derive(Debug, Error)]
pub enum BundleError {
    /// It is no zip archive, or a damaged one.
    #[error("no evidence bundle")]
    Zip(#[from] ZipError),
    /// It cannot be read or written.
    #[error("cannot be read or written")]
    Io(#[from] std::io::Error),
    /// Something in it could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Its manifest is not what it should be.
    #[error("`manifest.json` is no manifest")]
    Manifest(#[from] serde_json::Error),
    /// A later Quarry wrote it.
    #[error("a bundle of form {found}; this version reads form {FORMAT}")]
    Format {
        /// The form.
        found: u32,
    },
}

/// Writes a bundle; returns the SHA-256 of its manifest, which stands for all of it.
///
/// # Errors
///
/// If the writer fails.
pub fn write(
    findings: &Findings,
    contents: &Contents,
    out: impl Write + Seek,
) -> Result<String, BundleError> {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, format) in [(ALERTS, AlertFormat::Jsonl), (HOPS, AlertFormat::Hops)] {
        let mut bytes = Vec::new();
        alerts::write(format, findings, Options::default(), &mut bytes)?;
        members.push((name.to_owned(), bytes));
    }
    let mut rules = Vec::new();
    for (number, rule) in (1usize..).zip(&contents.rules) {
        let path = format!("rules/{number:03}.yaml");
        let (id, behaviours) = (rule.id.clone(), rule.behaviours.clone());
        rules.push(RuleEntry { id, behaviours, path: path.clone() });
        members.push((path, rule.yaml.clone().into_bytes()));
    }
    let mut records = Vec::new();
    for (number, of_file) in (1usize..).zip(&contents.records) {
        let path = format!("records/{number:04}.jsonl");
        let lines: Vec<&str> = of_file.records.iter().map(|(_, json)| json.as_str()).collect();
        members.push((path.clone(), format!("{}\n", lines.join("\n")).into_bytes()));
        records.push(RecordsEntry {
            path,
            file: of_file.file.clone(),
            member: of_file.member.clone(),
            lines: of_file.records.iter().map(|(line, _)| *line).collect(),
        });
    }
    let manifest = Manifest {
        format: FORMAT,
        quarry: findings.versions.quarry.clone(),
        package: findings.versions.package.clone(),
        package_version: findings.versions.package_version.clone(),
        now: contents.now.clone(),
        rules,
        inputs: contents.inputs.clone(),
        records,
        files: members.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect(),
    };
    let mut manifest = serde_json::to_vec_pretty(&manifest)?;
    manifest.push(b'\n');
    let digest = sha256(&manifest);
    members.insert(0, (MANIFEST.to_owned(), manifest));
    archive(&members, out)?;
    Ok(digest)
}

fn archive(members: &[(String, Vec<u8>)], out: impl Write + Seek) -> Result<(), BundleError> {
    let mut zip = ZipWriter::new(out);
    // No time of its own: the same findings give the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, bytes) in members {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    zip.finish()?;
    Ok(())
}

/// Returns a SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Returns length and SHA-256 of all that a reader gives.
///
/// # Errors
///
/// If the reader fails.
pub fn digest_of(mut reader: impl Read) -> std::io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((bytes, hexadecimal(&hash.finalize())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let written = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        text
    })
}

/// A bundle that is being checked.
pub struct Bundle<R> {
    zip: ZipArchive<R>,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The SHA-256 of the manifest.
    pub digest: String,
}

impl<R: Read + Seek> Bundle<R> {
    /// Opens a bundle and reads its manifest.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn open(reader: R) -> Result<Self, BundleError> {
        let mut zip = ZipArchive::new(reader)?;
        let bytes = member(&mut zip, MANIFEST)?;
        let manifest: Manifest = serde_json::from_slice(&bytes)?;
        if manifest.format != FORMAT {
            return Err(BundleError::Format { found: manifest.format });
        }
        Ok(Self { zip, manifest, digest: sha256(&bytes) })
    }

    /// Returns a member's bytes.
    ///
    /// # Errors
    ///
    /// If it is not there or damaged.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, BundleError> {
        member(&mut self.zip, name)
    }

    /// Returns what is not as the manifest says, in words; nothing if the bundle is whole.
    pub fn differences(&mut self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, expected) in self.manifest.files.clone() {
            match member(&mut self.zip, &name) {
                Ok(bytes) if sha256(&bytes) == expected => {}
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
            .map(|name| format!("`{name}` is not in the manifest"))
            .collect();
        strangers.sort();
        differences.append(&mut strangers);
        differences
    }
}

fn member<R: Read + Seek>(zip: &mut ZipArchive<R>, name: &str) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    zip.by_name(name)?.take(MAX_MEMBER).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl<R> std::fmt::Debug for Bundle<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}
