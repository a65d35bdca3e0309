//! What a hunt found, in every form it can be written in: one file per format, and the list.
//!
//! In: [`Findings`]. Out: bytes on a writer.

pub(crate) mod attack;
mod csv;
mod ecs;
mod json;
mod jsonl;
mod junit;
mod navigator;
mod ocsf;
mod parquet;
mod sarif;
mod sentinel;
mod splunk;
mod table;
mod timesketch;

use std::{fmt, io, str::FromStr};

use crate::{Options, WriteError, findings::Findings, html, paths};

/// A format for what a hunt found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertFormat {
    /// A summary and a table for a terminal
    Table,
    /// One JSON array
    Json,
    /// One JSON object per alert
    Jsonl,
    /// One line per alert, RFC 4180
    Csv,
    /// One row per alert
    Parquet,
    /// A page for people
    Html,
    /// One JSON object per hop
    Hops,
    /// Rows of Sentinel's `SecurityAlert`
    Sentinel,
    /// OCSF Detection Findings
    Ocsf,
    /// Elastic Common Schema, as a `_bulk` body
    Ecs,
    /// Events for Splunk's HTTP Event Collector
    Splunk,
    /// SARIF 2.1.0
    Sarif,
    /// `JUnit`'s XML
    Junit,
    /// JSON lines for Timesketch
    Timesketch,
    /// A layer for the ATT&CK Navigator
    Navigator,
    /// The hops as `GraphML`
    Graphml,
    /// The hops as a Mermaid flow chart
    Mermaid,
    /// The hops for Graphviz
    Dot,
}

impl AlertFormat {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 18] = [
        Self::Table,
        Self::Json,
        Self::Jsonl,
        Self::Csv,
        Self::Parquet,
        Self::Html,
        Self::Hops,
        Self::Sentinel,
        Self::Ocsf,
        Self::Ecs,
        Self::Splunk,
        Self::Sarif,
        Self::Junit,
        Self::Timesketch,
        Self::Navigator,
        Self::Graphml,
        Self::Mermaid,
        Self::Dot,
    ];

    /// Returns the name that `--format` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Html => "html",
            Self::Hops => "hops",
            Self::Sentinel => "sentinel",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::Splunk => "splunk",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Timesketch => "timesketch",
            Self::Navigator => "navigator",
            Self::Graphml => "graphml",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
        }
    }

    /// Tells whether it is for other programs only, and not text.
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Parquet)
    }

    /// Tells whether it shows the fields of cited records.
    pub const fn shows_records(self) -> bool {
        matches!(self, Self::Html)
    }
}

impl fmt::Display for AlertFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AlertFormat {
    type Err = UnknownAlertFormat;

    fn from_str(name: &str) -> Result<Self, UnknownAlertFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownAlertFormat)
    }
}

/// The text is no name of a format for alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlertFormat;

impl fmt::Display for UnknownAlertFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = AlertFormat::ALL.map(|format| format!("`{format}`"));
        write!(f, "unknown format, expected one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownAlertFormat {}

/// Writes what a hunt found; `options` concern the table and CSV.
///
/// The same findings give the same bytes.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write(
    format: AlertFormat,
    findings: &Findings,
    options: Options,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    match format {
        AlertFormat::Table => table::write(findings, options.table, out),
        AlertFormat::Json => json::write(findings, out),
        AlertFormat::Jsonl => jsonl::write(findings, out),
        AlertFormat::Csv => csv::write(findings, options.csv, out),
        AlertFormat::Parquet => parquet::write(findings, out),
        AlertFormat::Html => html::write(findings, out),
        AlertFormat::Hops => paths::lines::write(findings, out),
        AlertFormat::Sentinel => sentinel::write(findings, out),
        AlertFormat::Ocsf => ocsf::write(findings, out),
        AlertFormat::Ecs => ecs::write(findings, out),
        AlertFormat::Splunk => splunk::write(findings, out),
        AlertFormat::Sarif => sarif::write(findings, out),
        AlertFormat::Junit => junit::write(findings, out),
        AlertFormat::Timesketch => timesketch::write(findings, out),
        AlertFormat::Navigator => navigator::write(findings, out),
        AlertFormat::Graphml => paths::graphml::write(findings, out),
        AlertFormat::Mermaid => paths::mermaid::write(findings, out),
        AlertFormat::Dot => paths::dot::write(findings, out),
    }?;
    Ok(out.flush()?)
}
