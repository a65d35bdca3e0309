//! The time of a native table's row.

use std::collections::BTreeSet;

use kql_types::schema::TableSchema;

use crate::{
    dates::Time,
    losses::{Cause, Losses},
    problem::Reason,
};

/// The names under which an export may have a row's time, the first one counts.
pub(crate) const TIME_COLUMNS: [&str; 2] = ["TimeGenerated", "Timestamp"];

/// Tells whether rows of a table have a time: a user's own table may do without.
pub(crate) fn has_time(table: &TableSchema) -> bool {
    TIME_COLUMNS.iter().any(|name| table.column(name).is_some())
}

/// Returns why a row without a time that can be read is rejected; `value` is what stands there.
pub(crate) fn unreadable(column: &str, value: &str) -> Reason {
    match value.trim() {
        "" => Reason::NoTime { column: column.to_owned() },
        value => Reason::unreadable_time(column, value),
    }
}

/// What is to be said of the times of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimeNotes {
    /// Columns with a time that names no zone where nobody else does.
    zoneless: BTreeSet<String>,
    /// Dates that could be others, of the record at hand.
    undecided: Vec<(String, String)>,
}

impl TimeNotes {
    /// Takes note of a time that was read from `text`.
    pub(crate) fn see(&mut self, column: &str, time: &Time, text: &str) {
        if !time.has_zone && !self.zoneless.contains(column) {
            self.zoneless.insert(column.to_owned());
        }
        let is_new = || self.undecided.iter().all(|(known, _)| known != column);
        if time.is_undecided && is_new() {
            self.undecided.push((column.to_owned(), text.to_owned()));
        }
    }

    /// Forgets the dates of a record that was not read after all.
    pub(crate) fn forget(&mut self) {
        self.undecided.clear();
    }

    /// Counts the dates that could be others of a record.
    pub(crate) fn count(&mut self, line: i64, losses: &mut Losses) {
        for (column, text) in self.undecided.drain(..) {
            let record = u64::try_from(line).unwrap_or(u64::MAX);
            losses.add(Cause::UndecidedDate { column }, record, &text);
        }
    }

    /// Returns the columns whose times were taken for UTC.
    pub(crate) fn take_zoneless(&mut self) -> Vec<String> {
        std::mem::take(&mut self.zoneless).into_iter().collect()
    }
}
