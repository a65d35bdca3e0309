//! What a rule's query finds in each run, asked for as few looks as tell that.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use arrow::record_batch::RecordBatch;
use engine::{EngineError, Look, LookRows, RecordRef, Reservation, RowTimes, Run};
use kql_types::{Ticks, Value};
use sentinel::Row;

use super::runs::Runs;
use crate::{alert_id::finding_id, evidence::Origins, rule::Rule};

/// The rows of all runs of a rule.
#[derive(Debug)]
pub(super) struct Found {
    /// The names of the result's columns.
    pub(super) columns: Vec<String>,
    /// Every row once, though several runs have it.
    pub(super) rows: Vec<FoundRow>,
    by_run: ByRun,
    /// The times of the records that the rule looks at.
    times: Vec<Ticks>,
    /// What a run finds that sees nothing.
    pub(super) of_nothing: Vec<usize>,
    _held: Reservation,
}

/// A row of some runs.
#[derive(Debug)]
pub(super) struct FoundRow {
    pub(super) row: Row,
    /// The records that it rests on.
    pub(super) records: Vec<RecordRef>,
    /// Its place among all rows, oldest first.
    rank: usize,
}

/// Which rows each run has, by their places.
#[derive(Debug)]
enum ByRun {
    /// Each row rests on one record, and runs see it while they see that.
    Records(Changes),
    /// From a run on, the rows of the runs that see anything.
    Runs(BTreeMap<Ticks, Vec<usize>>),
    /// The rows of each run.
    EachRun(BTreeMap<Ticks, Vec<usize>>),
}

/// From a run on, the rows that rest on records of a time.
type Changes = BTreeMap<Ticks, Vec<(Ticks, Vec<usize>)>>;

/// What a rule is asked for.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) query: usize,
    pub(super) rule: &'a Rule,
    pub(super) runs: Runs<'a>,
}

impl Question<'_> {
    /// Finds the rows of all runs.
    ///
    /// # Errors
    ///
    /// If the query fails, or there is not enough memory for what it finds.
    pub(super) fn answer(self) -> Result<Found, EngineError> {
        let Self { run, query, runs, .. } = self;
        let times = run.times(query)?;
        let mut finding = Finding::new(self)?;
        let steps = run.steps(query)?;
        let has_time = run.columns_of_time(query).iter().any(|of_time| *of_time);
        let is_row_local = run.is_row_local(query);
        // Of a query that depends on the time in some other way, runs that see nothing are asked as well.
        let of_nothing = finding.of_nothing()?;
        let by_run = match steps {
            _ if is_row_local && !run.asks_for_time(query) => finding.once(&times)?,
            Some(steps) if is_row_local && !has_time => finding.inspected(&times, &steps)?,
            Some(steps) if !has_time => {
                let looked = runs.after_changes(times.times(), &steps);
                ByRun::Runs(finding.at(looked, &times)?)
            }
            _ => ByRun::EachRun(finding.at(runs.all().collect(), &times)?),
        };
        let Finding { columns, mut rows, held, .. } = finding;
        let columns: Vec<String> = columns.iter().map(|name| (**name).to_owned()).collect();
        rank(&mut rows, &columns);
        held.grow(size_of_val(times.times()))?;
        let times = times.times().to_vec();
        Ok(Found { columns, rows, by_run, times, of_nothing, _held: held })
    }
}

/// Rows that have been found so far.
struct Finding<'a> {
    question: Question<'a>,
    columns: Vec<Arc<str>>,
    rows: Vec<FoundRow>,
    /// The places of rows by their ids: the same row in several runs is kept once, unless it holds the
    /// time of the run.
    places: BTreeMap<[u8; 16], usize>,
    origins: Origins,
    held: Reservation,
}

impl<'a> Finding<'a> {
    fn new(question: Question<'a>) -> Result<Self, EngineError> {
        let Question { run, query, .. } = question;
        let names = run.columns(query)?.iter().map(|column| Arc::from(column.name.as_str()));
        Ok(Self {
            question,
            columns: names.collect(),
            rows: Vec::new(),
            places: BTreeMap::new(),
            origins: Origins::default(),
            held: run.reserve("the rows of a simulation"),
        })
    }

    /// Returns what a run finds that sees nothing.
    fn of_nothing(&mut self) -> Result<Vec<usize>, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let now = runs.look(runs.first).now;
        let after_now = now.saturating_add(1);
        let look = Look { now, window: Some(after_now..=now) };
        let mut found = Vec::new();
        run.at_each_look(query, &[look], |_, rows| {
            found = self.take(rows)?;
            Ok::<(), EngineError>(())
        })?;
        Ok(found)
    }

    /// Looks at all records at once, for a query that judges each by itself and whenever it is.
    fn once(&mut self, times: &RowTimes) -> Result<ByRun, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let (Some(first), Some(last)) = (times.times().first(), times.times().last()) else {
            return Ok(ByRun::Runs(BTreeMap::new()));
        };
        let look = Look { now: *last, window: Some(*first..=*last) };
        let mut found = Vec::new();
        run.at_looks(query, &[look], times, |_, rows| {
            found.extend(self.take(rows)?);
            Ok::<(), EngineError>(())
        })?;
        let by_time = self.by_time(found).into_iter().collect();
        Ok(ByRun::Records(BTreeMap::from([(runs.first, by_time)])))
    }

    /// Looks at each record when a run first sees it and when something about it has changed.
    fn inspected(
        &mut self,
        times: &RowTimes,
        steps: &BTreeSet<Ticks>,
    ) -> Result<ByRun, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let times_of = times.times();
        let inspections = runs.inspections(times_of, steps);
        let looks = runs.looks_at(&inspections, times_of);
        let mut by_run: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
        run.at_looks(query, &looks, times, |now, rows| {
            let found = self.take(rows)?;
            let run = runs.run_at(now).ok_or(NO_RUN)?;
            by_run.entry(run).or_default().extend(found);
            Ok::<(), EngineError>(())
        })?;
        let mut changes = Changes::new();
        for (run, places) in inspections {
            let mut by_time = self.by_time(by_run.remove(&run).unwrap_or_default());
            let times = places.iter().filter_map(|place| times_of.get(*place));
            // What is not found any longer is a change as well.
            let change = |time: &Ticks| (*time, by_time.remove(time).unwrap_or_default());
            changes.insert(run, times.map(change).collect());
        }
        Ok(ByRun::Records(changes))
    }

    /// Looks at runs as a whole.
    fn at(
        &mut self,
        looked: BTreeSet<Ticks>,
        times: &RowTimes,
    ) -> Result<BTreeMap<Ticks, Vec<usize>>, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let looks: Vec<Look> = looked.iter().map(|run| runs.look(*run)).collect();
        // Those that find nothing may be left out.
        let mut by_run: BTreeMap<Ticks, Vec<usize>> =
            looked.into_iter().map(|run| (run, Vec::new())).collect();
        run.at_looks(query, &looks, times, |now, rows| {
            let found = self.take(rows)?;
            let run = runs.run_at(now).and_then(|run| by_run.get_mut(&run)).ok_or(NO_RUN)?;
            run.extend(found);
            Ok::<(), EngineError>(())
        })?;
        Ok(by_run)
    }

    /// Divides rows by the time of the record that each rests on. A row that rests on none is what a run
    /// finds that sees nothing.
    fn by_time(&self, places: Vec<usize>) -> BTreeMap<Ticks, Vec<usize>> {
        let mut by_time: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
        for place in places {
            let records = self.rows.get(place).map(|row| &*row.records).unwrap_or_default();
            if let Some(time) = records.iter().filter_map(|record| record.time).max() {
                by_time.entry(time).or_default().push(place);
            }
        }
        by_time
    }

    /// Keeps the rows of a look and returns their places.
    fn take(&mut self, rows: LookRows<'_>) -> Result<Vec<usize>, EngineError> {
        let mut places = Vec::new();
        for batch in rows {
            let batch = batch?;
            self.held.grow(batch.num_rows().saturating_mul(size_of::<usize>()))?;
            let records = batch.columns().last().map(|last| engine::records(last));
            for (at, records) in records.unwrap_or_default().into_iter().enumerate() {
                places.push(self.place_of(&batch, at, records)?);
            }
        }
        Ok(places)
    }

    fn place_of(
        &mut self,
        batch: &RecordBatch,
        at: usize,
        records: Vec<RecordRef>,
    ) -> Result<usize, EngineError> {
        let Question { run, query, rule, .. } = self.question;
        let schema = run.columns(query)?;
        let cells = self.columns.iter().zip(schema).zip(batch.columns());
        let columns: Vec<(Arc<str>, Value)> = cells
            .map(|((name, column), array)| (Arc::clone(name), engine::value(array, column.ty, at)))
            .collect();
        let of_time = run.columns_of_time(query);
        let evidence = self.origins.evidence(&records, run.balance());
        let id = finding_id(rule, &columns, of_time, &evidence);
        let is_the_same_in_every_run = !of_time.contains(&true);
        if is_the_same_in_every_run && let Some(place) = self.places.get(&id) {
            return Ok(*place);
        }
        let row_time = match columns.iter().find(|(name, _)| &**name == "TimeGenerated") {
            Some((_, Value::Datetime(time))) => *time,
            _ => None,
        };
        let values: Vec<Value> = columns.into_iter().map(|(_, value)| value).collect();
        let row = FoundRow { row: Row { id, time: row_time, values }, records, rank: 0 };
        self.held.grow(bytes_for(&row))?;
        let place = self.rows.len();
        self.rows.push(row);
        self.places.insert(id, place);
        Ok(place)
    }
}

const NO_RUN: EngineError = EngineError::Internal { what: "a look is that of no run" };

/// What a row takes while it is held, roughly.
fn bytes_for(row: &FoundRow) -> usize {
    let texts = row.row.values.iter().map(|value| match value {
        Value::String(text) | Value::Dynamic(Some(text)) => text.len(),
        _ => 0,
    });
    let records = row.records.iter().map(|record| {
        size_of::<RecordRef>()
            .saturating_add(record.channel.len())
            .saturating_add(record.host.len())
    });
    let fixed = row.row.values.len().saturating_mul(size_of::<Value>());
    texts.chain(records).fold(fixed.saturating_add(size_of::<FoundRow>()), usize::saturating_add)
}

impl Found {
    /// Starts before the first run.
    pub(super) fn cursor<'a>(&'a self, runs: Runs<'a>) -> Cursor<'a> {
        Cursor { found: self, runs, current: BTreeMap::new(), until: None }
    }
}

/// The rows of a rule from run to run, in order of time.
pub(super) struct Cursor<'a> {
    found: &'a Found,
    runs: Runs<'a>,
    /// The rows that rest on records of a time, as they are in the current run.
    current: BTreeMap<Ticks, &'a [usize]>,
    /// The current run.
    until: Option<Ticks>,
}

impl<'a> Cursor<'a> {
    /// Goes on to a run and returns its rows, oldest first.
    pub(super) fn rows(&mut self, run: Ticks) -> Vec<&'a FoundRow> {
        let found = self.found;
        let latest = |runs: &'a BTreeMap<Ticks, Vec<usize>>| {
            runs.range(..=run).next_back().map(|(_, places)| &**places).unwrap_or_default()
        };
        let mut places: Vec<usize> = match &found.by_run {
            ByRun::EachRun(runs) => latest(runs).to_vec(),
            ByRun::Runs(_) if !self.runs.sees_any(run, &found.times) => found.of_nothing.clone(),
            ByRun::Runs(runs) => latest(runs).to_vec(),
            ByRun::Records(changes) => {
                self.go_to(run, changes);
                let window = self.runs.look(run).window.filter(|window| !window.is_empty());
                let seen = window.into_iter().flat_map(|window| self.current.range(window));
                let seen = seen.flat_map(|(_, places)| places.iter().copied());
                seen.chain(found.of_nothing.iter().copied()).collect()
            }
        };
        places.sort_unstable_by_key(|place| found.rows.get(*place).map(|row| row.rank));
        places.into_iter().filter_map(|place| found.rows.get(place)).collect()
    }

    /// Takes the changes up to a run.
    fn go_to(&mut self, run: Ticks, changes: &'a Changes) {
        let after = self.until.map_or(Bound::Unbounded, Bound::Excluded);
        for (_, changes) in changes.range((after, Bound::Included(run))) {
            for (time, places) in changes {
                self.current.insert(*time, places);
            }
        }
        self.until = Some(run);
    }
}

/// Gives rows their places among all, oldest first, then by what they rest on.
fn rank(rows: &mut [FoundRow], columns: &[String]) {
    let key = |row: &FoundRow| {
        let named = |column: &str| {
            let place = columns.iter().position(|name| name == column)?;
            match row.row.values.get(place)? {
                Value::Datetime(time) => *time,
                _ => None,
            }
        };
        let newest = || row.records.iter().filter_map(|record| record.time).max();
        let time = row.row.time.or_else(|| named("Timestamp")).or_else(newest);
        (time, row.records.clone(), row.row.id)
    };
    let mut order: Vec<_> = rows.iter().enumerate().map(|(at, row)| (key(row), at)).collect();
    order.sort_unstable();
    for (rank, (_, at)) in order.into_iter().enumerate() {
        if let Some(row) = rows.get_mut(at) {
            row.rank = rank;
        }
    }
}
