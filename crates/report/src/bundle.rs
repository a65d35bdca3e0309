//! An evidence bundle: all that it takes to check a finding without the one who made it.
//!
//! A zip archive of `manifest.json`, which names every other member with its SHA-256; `alerts.jsonl` and
//! `hops.jsonl`; the rules as they were, in `rules/`; and the cited records with all their fields, one
//! file in `records/` for each file or archive member they come from, in a form that Quarry reads. The
//! same findings give the same bytes.

mod checked;
mod digest;

use std::{
    collections::BTreeMap,
    io::{Seek, Write},
};

use serde::{Deserialize, Serialize};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use self::digest::Hashed;
use crate::{
    Options,
    alerts::{self, AlertFormat},
    findings::Findings,
};

pub use self::{
    checked::{Bundle, BundleError},
    digest::{digest_of, sha256},
};

/// The member that names all others.
const MANIFEST: &str = "manifest.json";
/// The alerts, in the form of `--format jsonl`.
pub const ALERTS: &str = "alerts.jsonl";
/// The hops, in the form of `--format hops`.
const HOPS: &str = "hops.jsonl";
/// Where rules are.
const RULES: &str = "rules/";
/// Where cited records are.
const RECORDS: &str = "records/";
/// The form of bundles that is written and read here.
const FORMAT: u32 = 1;

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

/// What a member holds; it is made when it is written, and never whole in memory.
enum Content<'a> {
    Findings(AlertFormat),
    Rule(&'a str),
    Records(&'a [(u64, String)]),
}

impl Content<'_> {
    fn write(&self, findings: &Findings, out: &mut dyn Write) -> Result<(), BundleError> {
        match self {
            Self::Findings(format) => {
                alerts::write(*format, findings, Options::default(), out)?;
            }
            Self::Rule(yaml) => out.write_all(yaml.as_bytes())?,
            Self::Records(records) => {
                for (_, json) in *records {
                    out.write_all(json.as_bytes())?;
                    out.write_all(b"\n")?;
                }
            }
        }
        Ok(())
    }
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
    let mut members = vec![
        (ALERTS.to_owned(), Content::Findings(AlertFormat::Jsonl)),
        (HOPS.to_owned(), Content::Findings(AlertFormat::Hops)),
    ];
    let mut rules = Vec::new();
    for (number, rule) in (1usize..).zip(&contents.rules) {
        let path = format!("{RULES}{number:03}.yaml");
        let (id, behaviours) = (rule.id.clone(), rule.behaviours.clone());
        rules.push(RuleEntry { id, behaviours, path: path.clone() });
        members.push((path, Content::Rule(&rule.yaml)));
    }
    let mut records = Vec::new();
    for (number, of_file) in (1usize..).zip(&contents.records) {
        let path = format!("{RECORDS}{number:04}.jsonl");
        members.push((path.clone(), Content::Records(&of_file.records)));
        records.push(RecordsEntry {
            path,
            file: of_file.file.clone(),
            member: of_file.member.clone(),
            lines: of_file.records.iter().map(|(line, _)| *line).collect(),
        });
    }
    // The manifest comes first and needs what all others hash to: they are made twice.
    let mut files = BTreeMap::new();
    for (name, content) in &members {
        let mut hashed = Hashed::default();
        content.write(findings, &mut hashed)?;
        files.insert(name.clone(), hashed.finish());
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
        files,
    };
    let mut manifest = serde_json::to_vec_pretty(&manifest)?;
    manifest.push(b'\n');
    let digest = sha256(&manifest);
    let mut zip = ZipWriter::new(out);
    // No time of its own: the same findings give the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    zip.start_file(MANIFEST, options)?;
    zip.write_all(&manifest)?;
    for (name, content) in &members {
        zip.start_file(name.as_str(), options)?;
        content.write(findings, &mut zip)?;
    }
    zip.finish()?;
    Ok(digest)
}
