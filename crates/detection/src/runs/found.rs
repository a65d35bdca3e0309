//! What a rule's query finds in each run, asked for as few looks as tell that.

mod arrived;
mod part_changes;
mod row_reader;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use engine::{Arrivals, EngineError, Look, LookRows, PartId, Reservation, RowTimes, Run};
use kql_types::{Ticks, Value};

use self::part_changes::PartChanges;
pub(crate) use self::row_reader::{FoundRow, RowReader};
use super::{
    Runs,
    by_run::{ByRun, Changes},
    count,
};
use crate::rule::Rule;

/// The rows of all runs of a rule.
#[derive(Debug)]
pub(crate) struct Found {
    /// The names of the result's columns.
    pub(crate) columns: Vec<String>,
    /// Every row once, though several runs have it.
    pub(crate) rows: Vec<FoundRow>,
    pub(crate) by_run: ByRun,
    /// The times of the records that the rule looks at.
    pub(crate) times: Vec<Ticks>,
    /// What a run finds that sees nothing.
    pub(crate) of_nothing: Vec<usize>,
    /// Runs in which the query fails on its data, and why.
    pub(crate) failed: BTreeMap<Ticks, String>,
    _held: Reservation,
}

impl Found {
    pub(crate) fn row(&self, place: usize) -> Result<&FoundRow, EngineError> {
        self.rows.get(place).ok_or(NO_ROW)
    }
}

/// What is wanted of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The rows of each run.
    EachRun,
    /// The rows of each run that sees anything.
    SeeingRuns,
    /// Each finding once, as the first run has it that sees it.
    Findings,
}

/// What a rule is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) query: usize,
    pub(crate) rule: &'a Rule,
    pub(crate) runs: Runs<'a>,
    /// When records arrived, if each has a delay of its own.
    pub(crate) arrivals: Option<&'a Arc<Arrivals>>,
    pub(crate) wanted: Wanted,
}

/// A question of which is known what runs find that see nothing.
pub(crate) struct Asked<'a> {
    finding: Finding<'a>,
    of_nothing: Vec<usize>,
}

impl<'a> Question<'a> {
    /// Asks what a run finds that sees nothing.
    ///
    /// # Errors
    ///
    /// If the query fails.
    pub(crate) fn ask(self) -> Result<Asked<'a>, EngineError> {
        let mut finding = Finding::new(self)?;
        let of_nothing = finding.of_nothing()?;
        Ok(Asked { finding, of_nothing })
    }

    /// Finds the rows of all runs, and in which of them the query fails on its data.
    ///
    /// # Errors
    ///
    /// If there is not enough memory for what it finds, or the query fails so that nobody can tell in
    /// which runs: on a row while the input was read, say.
    pub(crate) fn answer(self) -> Result<Found, EngineError> {
        self.answer_within(u64::MAX)?.ok_or(EngineError::Internal { what: "no limit is too low" })
    }

    /// Finds the rows of all runs, unless they would have to look at more rows than a limit.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub(crate) fn answer_within(self, most_rows: u64) -> Result<Option<Found>, EngineError> {
        match self.ask().and_then(|asked| asked.answer_within(most_rows)) {
            Err(error)
                if self.wanted == Wanted::EachRun
                    && fails_on_data(&error)
                    && self.runs.count() <= MOST_FAILING_RUNS =>
            {
                self.run_by_run().map(Some)
            }
            answer => answer,
        }
    }

    /// Finds the rows of each run by itself, where the query fails in some of them.
    fn run_by_run(self) -> Result<Found, EngineError> {
        let Self { run, query, runs, arrivals, .. } = self;
        let times = run.times(query)?;
        let mut finding = Finding::new(self)?;
        let (mut by_run, mut failed) = (BTreeMap::new(), BTreeMap::new());
        for scheduled in runs.all() {
            let mut found = Vec::new();
            let take = |_, rows: LookRows<'_>| {
                found = finding.take(rows)?;
                Ok::<(), EngineError>(())
            };
            let looked = match arrivals {
                Some(arrivals) => {
                    run.at_arrivals(query, &[runs.look_at_arrivals(scheduled, arrivals)], take)
                }
                None => run.at_each_look(query, &[runs.look(scheduled)], take),
            };
            match looked {
                Ok(()) => {}
                Err(error) => {
                    failed.insert(scheduled, error.of_query().ok_or(error)?);
                    found.clear();
                }
            }
            by_run.insert(scheduled, found);
        }
        let found = finding.finish(ByRun::EachRun(by_run), &times, Vec::new())?;
        Ok(Found { failed, ..found })
    }
}

impl<'a> Asked<'a> {
    /// Returns how many rows a run has that sees nothing.
    pub(crate) fn of_nothing(&self) -> u64 {
        count(&self.of_nothing)
    }

    /// Finds the rows of the runs.
    ///
    /// # Errors
    ///
    /// If the query fails in any run, or there is not enough memory for what it finds.
    pub(crate) fn answer(self) -> Result<Found, EngineError> {
        self.answer_within(u64::MAX)?.ok_or(EngineError::Internal { what: "no limit is too low" })
    }

    /// Tells of each row of the runs once, in no order, and keeps none.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer), and those of `tell`.
    pub(crate) fn tell(mut self, tell: Tell<'a>) -> Result<(), EngineError> {
        self.finding.told = Some(tell);
        self.answer().map(drop)
    }

    fn answer_within(self, most_rows: u64) -> Result<Option<Found>, EngineError> {
        let Self { mut finding, of_nothing } = self;
        let Question { run, query, runs, arrivals, wanted, .. } = finding.question;
        let times = run.times(query)?;
        let steps = run.steps(query)?;
        // Where each finding is wanted once, it does not matter that runs have other times in it.
        let has_time =
            wanted != Wanted::Findings && run.columns_of_time(query).iter().any(|of_time| *of_time);
        let is_row_local = run.is_row_local(query);
        let by_run = match steps {
            _ if let Some(arrivals) = arrivals => {
                let rests_on_rows = steps.is_some() && !has_time;
                let of_nothing = rests_on_rows.then_some(&*of_nothing);
                ByRun::EachRun(finding.arrived(arrivals, &times, of_nothing)?)
            }
            _ if is_row_local && !run.asks_for_time(query) => finding.once(&times)?,
            Some(steps) if is_row_local && !has_time => finding.inspected(&times, &steps)?,
            Some(steps) if !has_time => {
                let looked = runs.after_changes(times.times(), &steps);
                // What a query finds in parts that see nothing is what it finds of nothing.
                let in_parts = match &*of_nothing {
                    [] => finding.in_parts(&looked, &times, &steps, most_rows)?,
                    _ => None,
                };
                match in_parts {
                    Some(by_part) => ByRun::Parts(by_part),
                    None if runs.rows_seen(&looked, &times) > most_rows => return Ok(None),
                    None => ByRun::Runs(finding.at(looked, &times)?),
                }
            }
            // What is found is the same from change to change, but for the times in it, which are those of
            // the run at each change.
            Some(steps) if wanted == Wanted::SeeingRuns => {
                ByRun::Runs(finding.at(runs.after_changes(times.times(), &steps), &times)?)
            }
            // Of a query that depends on the time in some other way, runs that see nothing are asked as well,
            // unless nobody wants to know of them.
            _ => {
                let all = match wanted {
                    Wanted::EachRun => runs.all().collect(),
                    Wanted::SeeingRuns | Wanted::Findings => runs.seeing(times.times()),
                };
                if runs.rows_seen(&all, &times) > most_rows {
                    return Ok(None);
                }
                ByRun::EachRun(finding.at(all, &times)?)
            }
        };
        finding.finish(by_run, &times, of_nothing).map(Some)
    }
}

/// The most runs that are looked at one by one where the query fails in some of them.
const MOST_FAILING_RUNS: u64 = 10_000;

/// Tells whether a query failed on its data, and not for want of memory.
fn fails_on_data(error: &EngineError) -> bool {
    error.of_query().is_some()
}

/// Rows that have been found so far.
struct Finding<'a> {
    question: Question<'a>,
    reader: RowReader<'a>,
    rows: Vec<FoundRow>,
    /// Who is told of each row when it is found, in place of keeping all of it.
    told: Option<Tell<'a>>,
    /// The places of rows by their ids.
    places: BTreeMap<[u8; 16], usize>,
    held: Reservation,
}

/// Is told of a row.
pub(crate) type Tell<'a> = Box<dyn FnMut(FoundRow) -> Result<(), EngineError> + 'a>;

impl<'a> Finding<'a> {
    fn new(question: Question<'a>) -> Result<Self, EngineError> {
        let Question { run, query, rule, .. } = question;
        Ok(Self {
            question,
            reader: RowReader::new(run, query, rule)?,
            rows: Vec::new(),
            told: None,
            places: BTreeMap::new(),
            held: run.reserve("what the runs of a rule find"),
        })
    }

    /// Ends with what runs find.
    fn finish(
        self,
        by_run: ByRun,
        times: &RowTimes,
        of_nothing: Vec<usize>,
    ) -> Result<Found, EngineError> {
        let Self { reader, mut rows, held, .. } = self;
        let columns: Vec<String> =
            reader.columns().iter().map(|name| (**name).to_owned()).collect();
        if self.question.wanted == Wanted::EachRun {
            rank(&mut rows, &columns);
        }
        held.grow(size_of_val(times.times()))?;
        let times = times.times().to_vec();
        let failed = BTreeMap::new();
        Ok(Found { columns, rows, by_run, times, of_nothing, failed, _held: held })
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
        let by_time = self.by_time(found)?.into_iter().collect();
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
        let mut last: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
        for (run, places) in inspections {
            let mut by_time = self.by_time(by_run.remove(&run).unwrap_or_default())?;
            let mut changed = Vec::new();
            for time in places.iter().filter_map(|place| times_of.get(*place)) {
                // What is not found any longer is a change as well.
                let found = by_time.remove(time).unwrap_or_default();
                let before = last.entry(*time).or_default();
                if *before != found {
                    before.clone_from(&found);
                    changed.push((*time, found));
                }
            }
            changes.insert(run, changed);
        }
        Ok(ByRun::Records(changes))
    }

    /// Looks at the parts of a query that divides, each in the runs after which something of that part
    /// has changed; `None` if that is not less than to look at runs as a whole.
    ///
    /// - `looked`: the runs after which anything has changed.
    fn in_parts(
        &mut self,
        looked: &BTreeSet<Ticks>,
        times: &RowTimes,
        steps: &BTreeSet<Ticks>,
        most_rows: u64,
    ) -> Result<Option<Changes<PartId>>, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let as_a_whole = runs.rows_seen(looked, times);
        let kept = u64::try_from(run.kept(query)).unwrap_or(u64::MAX);
        if as_a_whole / WORTH_PARTS <= kept {
            return Ok(None);
        }
        let Some(parts) = run.parts(query)? else { return Ok(None) };
        let changes = PartChanges::new(runs, &parts, steps, &self.held)?;
        if changes.rows_seen(&parts)? > most_rows.min(as_a_whole / 2) {
            return Ok(None);
        }
        let mut found: BTreeMap<(PartId, Ticks), Vec<usize>> = BTreeMap::new();
        run.at_looks_at_parts(query, &changes.looks, &parts, |now, only, rows| {
            let run = runs.run_at(now).ok_or(NO_RUN)?;
            for place in self.take(rows)? {
                let record = self.row(place)?.records.first().ok_or(NO_RECORD)?;
                let part = parts.of_record(record).ok_or(NO_PART)?;
                if only.is_none_or(|only| only == part) {
                    found.entry((part, run)).or_default().push(place);
                }
            }
            Ok::<(), EngineError>(())
        })?;
        Ok(Some(changes.with(found)))
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
    fn by_time(&self, places: Vec<usize>) -> Result<BTreeMap<Ticks, Vec<usize>>, EngineError> {
        let mut by_time: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
        for place in places {
            let records = &self.row(place)?.records;
            if let Some(time) = records.iter().filter_map(|record| record.time).max() {
                by_time.entry(time).or_default().push(place);
            }
        }
        Ok(by_time)
    }

    fn row(&self, place: usize) -> Result<&FoundRow, EngineError> {
        self.rows.get(place).ok_or(NO_ROW)
    }

    /// Keeps the rows of a look and returns their places.
    fn take(&mut self, rows: LookRows<'_>) -> Result<Vec<usize>, EngineError> {
        let mut places = Vec::new();
        for batch in rows {
            let batch = batch?;
            self.held.grow(batch.num_rows().saturating_mul(size_of::<usize>()))?;
            let records = batch.columns().last().map(|last| engine::records(last));
            for (at, records) in records.unwrap_or_default().into_iter().enumerate() {
                let row = self.reader.row(&batch, at, records)?;
                places.push(self.place_of(row)?);
            }
        }
        Ok(places)
    }

    /// Returns the place of a row, which is kept unless it is the same as one before.
    fn place_of(&mut self, row: FoundRow) -> Result<usize, EngineError> {
        let Question { run, query, wanted, .. } = self.question;
        // A row that holds the time of its run is another in each, unless only its finding is wanted.
        let is_once = wanted == Wanted::Findings || !run.columns_of_time(query).contains(&true);
        if is_once && let Some(place) = self.places.get(&row.row.id) {
            return Ok(*place);
        }
        let row = match &mut self.told {
            Some(tell) => {
                let kept = row.without_values();
                tell(row)?;
                kept
            }
            None => row,
        };
        self.held.grow(row.bytes())?;
        let place = self.rows.len();
        self.places.insert(row.row.id, place);
        self.rows.push(row);
        Ok(place)
    }
}

const NO_ROW: EngineError = EngineError::Internal { what: "a place has no row" };
const NO_RUN: EngineError = EngineError::Internal { what: "a look is that of no run" };
const NO_RECORD: EngineError = EngineError::Internal { what: "a row of a part rests on no record" };
const NO_PART: EngineError = EngineError::Internal { what: "a record is in no part" };

/// By how much more rows than there are runs have to see for it to be worth to divide them.
const WORTH_PARTS: u64 = 4;

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
