//! `csv`: one line per alert, for a spreadsheet. What does not fit a cell is JSON in one.

use std::io;

use detection::alert::Alert;
use kql_types::{KqlType, schema::ColumnSchema};

use super::{AlertWriter, object, summary};
use crate::{CsvOptions, WriteError, cell::Cell, csv::CsvWriter, format::ResultWriter};

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
pub(super) struct CsvAlertWriter<W> {
    csv: Box<CsvWriter<W>>,
}

impl<W: io::Write> CsvAlertWriter<W> {
    pub(super) fn begin(out: W) -> Result<Self, WriteError> {
        let column =
            |(name, ty): &(&str, KqlType)| ColumnSchema { name: (*name).to_owned(), ty: *ty };
        let columns: Vec<ColumnSchema> = COLUMNS.iter().map(column).collect();
        Ok(Self { csv: Box::new(CsvWriter::begin(&columns, CsvOptions::default(), out)?) })
    }
}

impl<W: io::Write> AlertWriter for CsvAlertWriter<W> {
    fn alert(&mut self, alert: &Alert) -> Result<(), WriteError> {
        let behaviours = alert.rule.behaviours.join(" ");
        let (host, account) = (summary::host(alert), summary::account(alert));
        let (activity, evidence) = (summary::activity(alert), summary::evidence(alert));
        let mut details = String::new();
        object::write_alert(alert, &mut details);
        self.csv.row([
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
        ])
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.csv.finish()
    }
}
