//! The rows of a block of text that come first by a column of times or numbers: of the others nothing is
//! copied but what is needed to tell that they do not.

use std::collections::BTreeMap;

use kql_types::KqlType;

use super::{cell::Cell, test::RowCells};
use crate::request::{First, TableRequest};

/// Rows that are kept at most; who asks for more gets all.
const MOST_ROWS: usize = 10_000;

/// The first rows so far.
#[derive(Debug)]
pub(crate) struct FirstRows {
    first: First,
    /// Where the column is among those asked for.
    place: usize,
    /// By how early they come: the greatest first.
    by_rank: BTreeMap<i64, Vec<KeptRow>>,
    ranked: usize,
    /// Those of which that cannot be told.
    others: Vec<KeptRow>,
    passed_over: u64,
    /// Memory of rows that others have come before.
    spare: Vec<String>,
}

/// A row that has to be read.
#[derive(Debug)]
pub(crate) struct KeptRow {
    pub(crate) line: i64,
    pub(crate) record: String,
}

impl FirstRows {
    /// Starts without rows; `None` if a request needs all of its rows, or tests them.
    pub(crate) fn new(request: &TableRequest) -> Option<Self> {
        let first = request.first.clone().filter(|first| (1..=MOST_ROWS).contains(&first.rows))?;
        let place = request.columns.iter().position(|column| *column == first.column)?;
        let is_time = first.column.ty == KqlType::Datetime;
        (is_time && request.alternatives.is_empty()).then(|| Self {
            first,
            place,
            by_rank: BTreeMap::new(),
            ranked: 0,
            others: Vec::new(),
            passed_over: 0,
            spare: Vec::new(),
        })
    }

    /// Returns the same without rows.
    pub(crate) fn fork(&self) -> Self {
        Self {
            first: self.first.clone(),
            place: self.place,
            by_rank: BTreeMap::new(),
            ranked: 0,
            others: Vec::new(),
            passed_over: 0,
            spare: Vec::new(),
        }
    }

    /// Takes note of a row.
    ///
    /// - `is_to_be_read`: whether there is something to be said of it, whatever comes before it.
    pub(crate) fn see(
        &mut self,
        row: &mut impl RowCells,
        record: &str,
        line: i64,
        is_to_be_read: bool,
    ) {
        let time = row.with(self.place, |cell| match cell {
            Cell::Time(_, time) => *time,
            _ => None,
        });
        let Some(time) = time.filter(|_| !is_to_be_read) else {
            self.others.push(KeptRow { line, record: record.to_owned() });
            return;
        };
        // Not the negative: the least number has none.
        let rank = if self.first.is_descending { time } else { !time };
        let is_behind = self.by_rank.first_key_value().is_some_and(|(last, _)| rank < *last);
        if is_behind && self.ranked >= self.first.rows {
            self.passed_over = self.passed_over.saturating_add(1);
            return;
        }
        let mut text = self.spare.pop().unwrap_or_default();
        text.push_str(record);
        self.by_rank.entry(rank).or_default().push(KeptRow { line, record: text });
        self.ranked = self.ranked.saturating_add(1);
        // Rows that are equal to the last one stay or go together.
        while let Some(last) = self.by_rank.first_entry() {
            let left = self.ranked.saturating_sub(last.get().len());
            if left < self.first.rows {
                break;
            }
            self.ranked = left;
            for mut row in last.remove() {
                self.passed_over = self.passed_over.saturating_add(1);
                row.record.clear();
                self.spare.push(row.record);
            }
        }
    }

    /// Takes the rows that have to be read, in the order of their lines, and the number of the others.
    pub(crate) fn take(&mut self) -> (Vec<KeptRow>, u64) {
        let ranked = std::mem::take(&mut self.by_rank);
        let mut rows = std::mem::take(&mut self.others);
        rows.extend(ranked.into_values().flatten());
        rows.sort_unstable_by_key(|row| row.line);
        self.ranked = 0;
        (rows, std::mem::take(&mut self.passed_over))
    }
}
