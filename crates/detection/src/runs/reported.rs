//! What alerts of a rule have told so far: which findings, and which records.

use std::collections::BTreeSet;

use engine::{MemberId, RecordRef};
use sentinel::AlertKind;

use super::found::FoundRow;

/// Returns the rows that an alert stands for, of those that raise a run's alerts.
pub(crate) fn rows_of<'a>(kind: &AlertKind, alerting: &[&'a FoundRow]) -> Vec<&'a FoundRow> {
    match kind {
        AlertKind::AllRows => alerting.to_vec(),
        AlertKind::Row(place) => alerting.get(*place).copied().into_iter().collect(),
        AlertKind::Alike(places) => {
            places.iter().filter_map(|place| alerting.get(*place).copied()).collect()
        }
    }
}

/// What alerts of a rule have told so far.
#[derive(Default)]
pub(crate) struct Reported {
    findings: BTreeSet<[u8; 16]>,
    records: BTreeSet<(MemberId, u64)>,
}

impl Reported {
    /// Returns those rows of a run that raises alerts that no run before had one for, each once.
    pub(crate) fn new_findings<'a>(&mut self, rows: &[&'a FoundRow]) -> Vec<&'a FoundRow> {
        rows.iter().copied().filter(|found| self.findings.insert(found.row.id)).collect()
    }

    /// Returns the records that rows rest on, in order and each once.
    pub(crate) fn records(rows: &[&FoundRow]) -> Vec<RecordRef> {
        let mut records: Vec<RecordRef> =
            rows.iter().flat_map(|found| &found.records).cloned().collect();
        records.sort_unstable();
        records.dedup();
        records
    }

    /// Tells whether alerts before cited everything that rows rest on.
    pub(crate) fn has_all(&self, rows: &[&FoundRow]) -> bool {
        let mut records = rows.iter().flat_map(|found| &found.records).peekable();
        records.peek().is_some()
            && records.all(|record| self.records.contains(&(record.member, record.line)))
    }

    pub(crate) fn add(&mut self, rows: &[&FoundRow]) {
        let records = rows.iter().flat_map(|found| &found.records);
        self.records.extend(records.map(|record| (record.member, record.line)));
    }
}
