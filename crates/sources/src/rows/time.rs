//! The time of a native table's row.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kql_types::Ticks;

pub(crate) use crate::known::{TIME_COLUMNS, has_time};

use crate::{
    dates::{DateOrder, Time, TimeForm, order::Settled},
    losses::{Cause, Losses},
    problem::Reason,
    request::ScanRequest,
};

/// Returns why a row without a time that can be read is rejected; `value` is what stands there.
pub(crate) fn unreadable(column: &str, value: &str) -> Reason {
    match value.trim() {
        "" => Reason::NoTime { column: column.to_owned() },
        value => Reason::unreadable_time(column, value),
    }
}

/// How the times of JSON records are read, and what is to be said of them.
#[derive(Clone, Debug)]
pub(crate) struct TimeReader {
    /// What is known of the order of day and month, by key.
    dates: Arc<BTreeMap<String, Settled>>,
    given: Option<DateOrder>,
    local_offset: Option<Ticks>,
    pub(crate) notes: TimeNotes,
}

impl TimeReader {
    /// Returns a reader with what is known and what the user says.
    pub(crate) fn new(dates: Arc<BTreeMap<String, Settled>>, request: &ScanRequest) -> Self {
        Self {
            dates,
            given: request.date_order,
            local_offset: request.local_offset,
            notes: TimeNotes::default(),
        }
    }

    /// Returns a reader that reads alike and has read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self { notes: TimeNotes::default(), ..self.clone() }
    }

    /// Reads the time that stands behind a key.
    pub(crate) fn read(&mut self, key: &str, text: &str) -> Option<Ticks> {
        let time = self.form(key).read(text)?;
        self.notes.see(key, &time, text);
        Some(time.ticks)
    }

    /// Returns how the times behind a key are read.
    pub(crate) fn form(&self, key: &str) -> TimeForm {
        let shown = || self.dates.get(key).copied().unwrap_or_default();
        TimeForm {
            settled: self.given.map_or_else(shown, Settled::Given),
            offset: self.local_offset.unwrap_or(0),
            is_zone_known: self.local_offset.is_some(),
        }
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
