//! From which ingestion delay on records are missed, in the summary for people.

use std::io;

use detection::simulate::{LateRecord, SimulatedLateness};
use kql_types::timespan;

use crate::text::visible::Visible;

/// Records that are written one by one for a rule, those missed first before the others.
const MAX_RECORDS: usize = 10;

/// What there is to say of a rule's records.
#[derive(Debug)]
pub(super) struct Late {
    rule: String,
    records: Vec<LateRecord>,
    /// How many records are missed from some delay on.
    missable: usize,
    all: usize,
    detected: usize,
}

impl Late {
    pub(super) fn of(told: &SimulatedLateness<'_>) -> Self {
        let mut records: Vec<&LateRecord> =
            told.records.iter().filter(|late| late.missed_from.is_some()).collect();
        let missable = records.len();
        // Stable: those missed at the same delay stay in order of place.
        records.sort_by_key(|late| late.missed_from);
        Self {
            rule: told.rule.name.clone(),
            records: records.into_iter().take(MAX_RECORDS).cloned().collect(),
            missable,
            all: told.records.len(),
            detected: told.records.iter().filter(|late| late.is_detected).count(),
        }
    }

    /// Writes which records are missed from which delay on, if any is.
    pub(super) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { rule, records, missable, all, detected } = self;
        if records.is_empty() {
            return Ok(());
        }
        let rule = visible(rule);
        writeln!(out, "\n{rule}: {detected} of {all} records found; missed from a delay of:")?;
        for late in records {
            let member = late.record.origin.member.as_ref();
            let member = member.map(|it| format!(" > {it}")).unwrap_or_default();
            let place = format!("{}{member}, record {}", late.record.origin.file, late.record.line);
            let from = late.missed_from.map(|delay| timespan::format(delay).to_string());
            let from = from.unwrap_or_default();
            let found = if late.is_detected { "found" } else { "missed" };
            let delay = timespan::format(late.delay).to_string();
            // Fractions of a second tell nobody anything.
            let delay = delay.split_once('.').map_or(&*delay, |(seconds, _)| seconds);
            writeln!(out, "  {from:>8}  delay {delay}, {found}: {}", visible(&place))?;
        }
        match missable.checked_sub(records.len()) {
            None | Some(0) => Ok(()),
            Some(more) => writeln!(out, "  and {more} more"),
        }
    }
}

/// Columns of a terminal that a text from a rule or a log may take.
const MAX_WIDTH: usize = 100;

fn visible(text: &str) -> String {
    Visible::new(text, MAX_WIDTH.saturating_add(1)).cut(MAX_WIDTH)
}
