//! What has come in and is not looked at: kept with how far the lake has been followed, so that neither a row
//! nor a run is forgotten when the process ends.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Ticks;
use lake::{Lake, LakeError, LedgerRow};
use state::{
    State, StateError,
    sqlite::{OptionalExtension, Result, Transaction, params},
};

use crate::{
    error::WatchError,
    intervals::Intervals,
    rules::{Ready, Rules},
};

/// Under which the state keeps how far the lake has been followed.
const FOLLOWED: &str = "watch.ledger_version";

/// The runs of rules that have to be looked at, and what is known of the lake.
#[derive(Debug)]
pub(crate) struct Pending {
    /// By rule.
    runs: BTreeMap<String, Intervals>,
    /// The numbers of the files and members that have been taken note of.
    known: BTreeSet<i64>,
    /// The times of all rows that are known, by table, for rules that come later.
    seen: BTreeMap<String, (Ticks, Ticks)>,
}

impl Pending {
    /// Takes up what the state has.
    ///
    /// # Errors
    ///
    /// Those of the state. A lake that no longer knows how it was then is looked at anew: what was found before
    /// is found again, and known.
    pub(crate) fn load(state: &State, lake: &Lake) -> Result<Self, StateError> {
        let followed: Option<String> = state.read(|connection| {
            let wanted = "SELECT value FROM setting WHERE name = ?1";
            connection.query_row(wanted, [FOLLOWED], |row| row.get(0)).optional()
        })?;
        let version = followed.and_then(|version| version.parse().ok());
        let known = match version.map(|version| lake.sources_at(version)) {
            Some(Ok(known)) => known,
            Some(Err(error)) => {
                tracing::warn!(%error, "what the lake had when it was last watched is not known: all of it is looked at again");
                BTreeSet::new()
            }
            None => BTreeSet::new(),
        };
        let mut all: BTreeMap<String, Vec<(Ticks, Ticks)>> = BTreeMap::new();
        state.read(|connection| {
            let mut rows = connection.prepare("SELECT rule, first, last FROM pending")?;
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                all.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
            }
            Ok(())
        })?;
        let runs = all.into_iter().map(|(rule, all)| (rule, Intervals::new(all))).collect();
        let mut pending = Self { runs, known: BTreeSet::new(), seen: BTreeMap::new() };
        for row in lake.account().iter().filter(|row| known.contains(&row.source)) {
            pending.see(row);
        }
        pending.known = known;
        Ok(pending)
    }

    /// Takes note of what has come in: which runs of which rules see it. Returns how many rows that is.
    ///
    /// # Errors
    ///
    /// Those of the lake and of the state; then nothing has been taken note of.
    pub(crate) fn follow(
        &mut self,
        lake: &Lake,
        rules: &Rules,
        state: &State,
    ) -> Result<u64, WatchError> {
        let arrived = self.arrived(lake)?;
        if arrived.rows.is_empty() {
            return Ok(0);
        }
        let mut runs = self.runs.clone();
        let mut changed = BTreeSet::new();
        for row in arrived.rows.iter().filter(|row| row.stored > 0) {
            for rule in rules.ready.iter().filter(|rule| rule.reads_any(row)) {
                for (oldest, newest) in times_of(row) {
                    let (first, last) = rule.runs_that_see(oldest, newest);
                    runs.entry(rule.id().to_owned()).or_default().add(first, last);
                    changed.insert(rule.id());
                }
            }
        }
        state.write(|change| {
            for rule in changed {
                write_runs(change, rule, runs.get(rule))?;
            }
            let keep = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
            change.execute(keep, params![FOLLOWED, arrived.version.to_string()])?;
            Ok(())
        })?;
        self.runs = runs;
        for row in &arrived.rows {
            self.see(row);
            self.known.insert(row.source);
        }
        Ok(arrived.rows.iter().map(|row| row.stored).fold(0, u64::saturating_add))
    }

    fn arrived(&self, lake: &Lake) -> Result<lake::Arrived, LakeError> {
        lake.arrived(&self.known)
    }

    fn see(&mut self, row: &LedgerRow) {
        for table in row.heads.keys() {
            for (oldest, newest) in times_of(row) {
                let seen = self.seen.entry(table.clone()).or_insert((oldest, newest));
                *seen = (seen.0.min(oldest), seen.1.max(newest));
            }
        }
    }

    /// Returns the runs of a rule that see anything of what there is, for one that has not been there before.
    pub(crate) fn of_all(&self, rule: &Ready) -> Intervals {
        let seen = self.seen.iter().filter(|(table, _)| rule.reads(table));
        Intervals::new(
            seen.map(|(_, (oldest, newest))| rule.runs_that_see(*oldest, *newest)).collect(),
        )
    }

    /// Sets what is pending of a rule; the state has it already.
    pub(crate) fn set(&mut self, rule: &str, runs: Intervals) {
        if runs.is_empty() {
            self.runs.remove(rule);
        } else {
            self.runs.insert(rule.to_owned(), runs);
        }
    }

    /// Returns what is pending of a rule.
    pub(crate) fn of(&self, rule: &str) -> Option<&Intervals> {
        self.runs.get(rule)
    }
}

impl Ready {
    /// Tells whether the rule looks at any row of a file.
    fn reads_any(&self, row: &LedgerRow) -> bool {
        row.heads.keys().any(|table| self.reads(table)) || self.reads_ledger()
    }
}

/// Yields the times of a file's rows: from when to when. Rows without any are of when they came in.
fn times_of(row: &LedgerRow) -> Vec<(Ticks, Ticks)> {
    let spans: Vec<(Ticks, Ticks)> =
        row.times.spans().map(|span| (span.oldest, span.newest)).collect();
    if spans.is_empty() { vec![(row.ingested, row.ingested)] } else { spans }
}

/// Writes what is pending of a rule.
pub(crate) fn write_runs(
    change: &Transaction<'_>,
    rule: &str,
    runs: Option<&Intervals>,
) -> Result<()> {
    change.execute("DELETE FROM pending WHERE rule = ?1", [rule])?;
    for (first, last) in runs.into_iter().flat_map(Intervals::iter) {
        let add = "INSERT INTO pending (rule, first, last) VALUES (?1, ?2, ?3)";
        change.execute(add, params![rule, first, last])?;
    }
    Ok(())
}
