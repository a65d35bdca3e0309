//! `csv`: one line per alert, for a spreadsheet. What does not fit a cell is JSON in one.

use std::io;

use kql_types::{KqlType, schema::ColumnSchema};

use crate::{
    CsvOptions, WriteError,
    alert::{object, summary},
    cell::Cell,
    findings::Findings,
    format::csv::CsvWriter,
};

const COLUMNS: [(&str, KqlType); 12] = [
    ("Id", KqlType::String),
    ("Time", KqlType::Datetime),
    ("Severity", KqlType::String),
    ("Rule", KqlType::String),
    ("RuleId", KqlType::String),
    ("Behaviours", KqlType::String),
    ("Host", KqlType::String),
    ("Account", KqlType::String),
    ("Activity", KqlType::String),
    ("Evidence", KqlType::String),
    ("EvidenceCount", KqlType::Long),
    ("Details", KqlType::Dynamic),
];

/// Writes one line per alert, under a header.
pub(super) fn write(
    findings: &Findings,
    options: CsvOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let column = |(name, ty): &(&str, KqlType)| ColumnSchema { name: (*name).to_owned(), ty: *ty };
    let columns: Vec<ColumnSchema> = COLUMNS.iter().map(column).collect();
    let mut csv = CsvWriter::begin(&columns, options, out)?;
    for alert in &findings.alerts {
        let behaviours = alert.rule.behaviours.join(" ");
        let (host, account) = (summary::host(alert), summary::account(alert));
        let (activity, evidence) = (summary::activity(alert), summary::evidence(alert));
        let mut details = String::new();
        object::write_alert(alert, &mut details);
        csv.row([
            Cell::String(&alert.id),
            alert.time.map_or(Cell::Null, Cell::Datetime),
            Cell::String(alert.severity.name()),
            Cell::String(&alert.rule.name),
            Cell::String(&alert.rule.id),
            Cell::String(&behaviours),
            Cell::String(&host),
            Cell::String(&account),
            Cell::String(&activity),
            Cell::String(&evidence),
            Cell::Long(i64::try_from(alert.evidence.len()).unwrap_or(i64::MAX)),
            Cell::Dynamic(&details),
        ])?;
    }
    Ok(())
}
