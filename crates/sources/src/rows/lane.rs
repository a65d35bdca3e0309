//! JSON rows of one native table on their way into batches.

use std::{collections::BTreeMap, sync::Arc};

use kql_types::{KqlType, Ticks, datetime, schema::TableSchema};

use super::{
    batch::RowBatchBuilder,
    cell::Cell,
    first::{FirstRows, KeptRow},
    test::{Converting, RowCells, RowTests},
    time::{TIME_COLUMNS, TimeReader, has_time, unreadable},
};
use crate::{
    dates::order::Settled,
    json::{
        plan::{Plan, Slot, Taken, Walked},
        probe::Probe,
        text::unescape,
    },
    known::{KnownTables, is_annotation},
    lane::{Lane, Rejection},
    losses::Cause,
    problem::Reason,
    request::{ScanRequest, TableRequest},
    text::yielded::{Outcome, Part},
};

/// Columns by which a row without a time is told from other records.
const MARKS: usize = 8;

/// Where a JSON shape keeps the rows of native tables.
#[derive(Clone, Debug)]
pub(crate) struct RowShape {
    /// The name of the format.
    pub(crate) name: &'static str,
    /// The keys that lead to the object with the columns; none if it is the record.
    pub(crate) place: &'static [&'static str],
    /// The value that tells the table, and the JSON text it has for this one.
    pub(crate) tell: Option<(&'static [&'static str], String)>,
}

/// The rows of one table.
pub(crate) struct RowLane<'s> {
    shape: Arc<RowShape>,
    table: &'s TableSchema,
    known: &'s KnownTables,
    /// `None` if nobody wants the table: its rows are counted and their times seen.
    request: Option<&'s TableRequest>,
    tests: Option<RowTests>,
    /// The rows that suffice, and what would be lost of the others.
    first: Option<(FirstRows, Converting)>,
    plan: Plan,
    slots: RowSlots,
    builder: Option<RowBatchBuilder>,
    part: Part,
    times: TimeReader,
    ignored_columns: Vec<String>,
}

#[derive(Clone, Debug)]
struct RowSlots {
    tell: Option<Slot>,
    times: Vec<Slot>,
    /// Where rows have no time: columns of which each row of the table has one.
    marks: Vec<Slot>,
    /// Names and slots of each column.
    columns: Vec<(KqlType, Vec<(String, Slot)>)>,
}

impl<'s> RowLane<'s> {
    /// Returns a lane for rows of this table; `first` is one of them.
    ///
    /// The first row's keys decide which of a column's names are looked for.
    pub(crate) fn new(
        shape: RowShape,
        table: &'s TableSchema,
        request: &'s ScanRequest,
        known: &'s KnownTables,
        dates: Arc<BTreeMap<String, Settled>>,
        first: Option<Probe<'_>>,
    ) -> Self {
        let times = TimeReader::new(dates, request);
        let request = request.tables.get(&table.name);
        let row = first.and_then(|first| {
            if shape.place.is_empty() { Some(first) } else { first.object(shape.place) }
        });
        let keys = row.map(Probe::keys).unwrap_or_default();
        let mut plan = Plan::new();
        let slots = RowSlots::new(&shape, table, request, known, &keys, &mut plan);
        if shape.tell.is_none() {
            plan.tell_strangers();
            for key in &keys {
                plan.acknowledge(key);
            }
        }
        let ignored_columns = keys
            .into_iter()
            .filter(|key| !is_annotation(key) && !known.has_column(table, key))
            .collect();
        Self {
            shape: Arc::new(shape),
            table,
            known,
            request,
            tests: request.and_then(RowTests::new),
            first: request
                .and_then(|request| Some((FirstRows::new(request)?, Converting::new(request)))),
            plan,
            slots,
            builder: None,
            part: Part::default(),
            times,
            ignored_columns,
        }
    }

    fn take_batch(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push(batch?);
        }
        Ok(())
    }

    /// Reads the rows of a block that come first, which have been seen to be whole.
    fn read_first(&mut self) -> Result<(), Reason> {
        let (Some((first, _)), Some(request)) = (&mut self.first, self.request) else {
            return Ok(());
        };
        let (rows, passed_over) = first.take();
        self.part.passed_over = self.part.passed_over.saturating_add(passed_over);
        let mut taken = Taken::default();
        for KeptRow { line, record } in rows {
            let walked = self.plan.walk(&record, &mut taken, &mut |_| true);
            walked.map_err(|error| Rejection::from(error).reason)?;
            let builder =
                self.builder.get_or_insert_with(|| RowBatchBuilder::new(&request.columns));
            let (columns, times) = (&self.slots.columns, &mut self.times);
            let plain = PlainTime::default();
            let record = &*record;
            builder.append(line, &mut JsonRow { columns, record, taken: &taken, times, plain });
            let is_full = builder.is_full();
            // They were counted when the row was seen.
            self.times.notes.forget();
            self.part.emitted = self.part.emitted.saturating_add(1);
            if is_full {
                self.take_batch()?;
            }
        }
        Ok(())
    }

    /// Tells whether the row is of another table or none at all.
    ///
    /// Where nothing in a row names its table, one with a key that neither the table nor the rows before
    /// have may be anything: the shapes are asked.
    fn is_foreign(&mut self, record: &str, taken: &Taken) -> bool {
        if let (Some(slot), Some((_, expected))) = (self.slots.tell, &self.shape.tell) {
            return taken.get(slot, record) != Some(expected);
        }
        for key in taken.strangers(record).map(unescape) {
            if !is_annotation(&key) && !self.known.has_column(self.table, &key) {
                return true;
            }
            self.plan.acknowledge(&key);
        }
        let mut tells = self.slots.times.iter().chain(&self.slots.marks);
        tells.all(|slot| taken.get(*slot, record).is_none())
    }
}

impl RowSlots {
    fn new(
        shape: &RowShape,
        table: &TableSchema,
        request: Option<&TableRequest>,
        known: &KnownTables,
        keys: &[String],
        plan: &mut Plan,
    ) -> Self {
        let take = |plan: &mut Plan, name: &str| {
            let path: Vec<&str> = shape.place.iter().copied().chain([name]).collect();
            plan.take(&path)
        };
        let tell = shape.tell.as_ref().map(|(path, _)| plan.take(path));
        let present = |name: &str| keys.iter().any(|key| key == name);
        let mut times: Vec<Slot> = Vec::new();
        for name in TIME_COLUMNS {
            let slot = take(plan, name);
            times.push(slot);
            // A file has one of the two throughout; waiting for the other would be in vain.
            let has_other = TIME_COLUMNS.iter().any(|other| *other != name && present(other));
            if has_other && !present(name) {
                plan.do_not_await(slot);
            } else if present(name) {
                plan.decide_by(slot);
            }
        }
        if let Some(tell) = tell {
            plan.decide_by(tell);
        }
        let is_timeless = shape.tell.is_none()
            && known.may_lack_time(table)
            && !TIME_COLUMNS.iter().any(|name| present(name));
        let known_keys = keys.iter().filter(|key| is_timeless && known.has_column(table, key));
        let marks = known_keys.take(MARKS).map(|key| take(plan, key)).collect();
        if is_timeless {
            for slot in &times {
                plan.do_not_await(*slot);
            }
        }
        let columns = request.map(|request| &*request.columns).unwrap_or_default();
        let columns = columns
            .iter()
            .map(|column| {
                let mut names = known.aliases(table, &column.name);
                names.retain(|name| {
                    *name == column.name || present(name) || TIME_COLUMNS.contains(&&**name)
                });
                // Where a union has renamed the column, its own name will not come.
                let is_renamed = !present(&column.name) && names.iter().any(|name| present(name));
                let slots: Vec<(String, Slot)> =
                    names.into_iter().map(|name| (name.clone(), take(plan, &name))).collect();
                if let (true, Some((_, own))) = (is_renamed, slots.first()) {
                    plan.do_not_await(*own);
                }
                (column.ty, slots)
            })
            .collect();
        Self { tell, times, marks, columns }
    }

    /// Returns the time of a row, `None` if the table's rows have none here.
    ///
    /// # Errors
    ///
    /// It is missing or cannot be read.
    fn time<'r>(
        &self,
        record: &'r str,
        taken: &Taken,
        times: &mut TimeReader,
        plain: &mut PlainTime<'r>,
    ) -> Result<Option<Ticks>, Reason> {
        let slots = TIME_COLUMNS.iter().zip(&self.times);
        let cells = slots.map(|(name, slot)| (*name, taken.get(*slot, record)));
        let mut reason = None;
        for (name, value) in cells.filter(|(_, value)| value.is_some()) {
            if let Some(time) = value.and_then(|value| plain.of(value)) {
                return Ok(Some(time));
            }
            let text = Cell::of_json(value).text().unwrap_or_default();
            match times.read(name, &text) {
                Some(time) => return Ok(Some(time)),
                None if reason.is_none() || !text.is_empty() => {
                    reason = Some(unreadable(name, &text));
                }
                None => {}
            }
        }
        match reason {
            Some(reason) => Err(reason),
            None if !self.marks.is_empty() => Ok(None),
            None => Err(unreadable("TimeGenerated", "")),
        }
    }
}

impl<'s> Lane<'s> for RowLane<'s> {
    fn format(&self) -> &'static str {
        self.shape.name
    }

    fn table(&self) -> &str {
        &self.table.name
    }

    fn fork(&self) -> Box<dyn Lane<'s> + 's> {
        Box::new(Self {
            shape: Arc::clone(&self.shape),
            table: self.table,
            known: self.known,
            request: self.request,
            tests: self.tests.clone(),
            first: self.first.as_ref().map(|(first, rest)| (first.fork(), rest.clone())),
            plan: self.plan.clone(),
            slots: self.slots.clone(),
            builder: None,
            part: Part::default(),
            times: self.times.fork(),
            ignored_columns: self.ignored_columns.clone(),
        })
    }

    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, Rejection> {
        let (slots, shape, times) = (&self.slots, &self.shape, &mut self.times);
        let range = self.request.map(|request| request.time.as_ref());
        let mut plain = PlainTime::default();
        let is_wanted = |time: Option<Ticks>| match range {
            None => false,
            Some(None) => true,
            Some(Some(range)) => time.is_some_and(|time| range.contains(&time)),
        };
        let walked = self.plan.walk(record, taken, &mut |taken| {
            let is_told = match (slots.tell, &shape.tell) {
                (Some(slot), Some((_, expected))) => taken.get(slot, record) == Some(expected),
                _ => true,
            };
            // A row of another table has to be read to its end to be handed on.
            // So has one without a time, to be rejected.
            !is_told || slots.time(record, taken, times, &mut plain).map_or(true, is_wanted)
        })?;
        if walked != Walked::Unwanted && self.is_foreign(record, taken) {
            return Ok(Outcome::Foreign);
        }
        self.times.notes.forget();
        let time = self.slots.time(record, taken, &mut self.times, &mut plain)?;
        self.part.saw(time, line);
        let wanted = self.request.filter(|_| walked != Walked::Unwanted && is_wanted(time));
        let Some(request) = wanted else {
            self.times.notes.count(line, &mut self.part.losses);
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Ok(Outcome::Filtered);
        };
        if time.is_none() && has_time(self.table) {
            let record = u64::try_from(line).unwrap_or(u64::MAX);
            self.part.losses.add(Cause::NoTime, record, "");
        }
        let builder = self.builder.get_or_insert_with(|| RowBatchBuilder::new(&request.columns));
        let (columns, times) = (&self.slots.columns, &mut self.times);
        let mut row = JsonRow { columns, record, taken, times, plain };
        if let Some((first, converting)) = &mut self.first {
            let is_lossy = converting.loses(&mut row);
            first.see(&mut row, record, line, is_lossy);
            self.times.notes.count(line, &mut self.part.losses);
            return Ok(Outcome::Filtered);
        }
        let is_wanted = self.tests.as_ref().is_none_or(|tests| tests.want(&mut row));
        let is_emitted = is_wanted || !builder.leave_out();
        if is_emitted {
            builder.append(line, &mut row);
            self.part.emitted = self.part.emitted.saturating_add(1);
        } else {
            self.part.filtered = self.part.filtered.saturating_add(1);
        }
        self.times.notes.count(line, &mut self.part.losses);
        Ok(match (builder.is_full(), is_emitted) {
            (true, _) => Outcome::Full,
            (false, true) => Outcome::Emitted,
            (false, false) => Outcome::Filtered,
        })
    }

    fn acknowledge(&mut self, record: &str) {
        if self.shape.tell.is_some() {
            return;
        }
        // Nothing but the record itself is a row where nothing names the table.
        for (key, _) in Probe::new(record).into_iter().flat_map(Probe::members) {
            self.plan.acknowledge(&key);
            let is_ignored = !is_annotation(&key) && !self.known.has_column(self.table, &key);
            if is_ignored && !self.ignored_columns.iter().any(|ignored| *ignored == key) {
                self.ignored_columns.push(key.into_owned());
            }
        }
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.take_batch()
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        self.read_first()?;
        self.take_batch()?;
        let part = std::mem::take(&mut self.part);
        let mut losses = part.losses;
        let of_batches = self.builder.as_mut().map(RowBatchBuilder::take_losses);
        losses.merge(of_batches.unwrap_or_default(), 0);
        Ok(Part {
            format: self.format(),
            table: self.table.name.clone(),
            losses,
            assumed_utc: self.times.notes.take_zoneless(),
            ignored_columns: self.ignored_columns.clone(),
            ..part
        })
    }
}

/// The values of one row.
struct JsonRow<'a, 'r> {
    columns: &'a [(KqlType, Vec<(String, Slot)>)],
    record: &'r str,
    taken: &'a Taken,
    times: &'a mut TimeReader,
    plain: PlainTime<'r>,
}

impl RowCells for JsonRow<'_, '_> {
    #[inline]
    fn with<T>(&mut self, place: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T {
        let Some((ty, slots)) = self.columns.get(place) else { return read(&Cell::Missing) };
        let (name, cell) = first_cell(slots, self.record, self.taken);
        if *ty != KqlType::Datetime {
            return read(&cell);
        }
        if let Cell::Json(value) = cell
            && let Some(time) = self.plain.of(value)
        {
            return read(&Cell::Time(value.trim_matches('"'), Some(time)));
        }
        match cell.text() {
            Some(text) => read(&Cell::Time(&text, self.times.read(name, &text))),
            None => read(&cell),
        }
    }
}

/// The last time of a row that was read in the form that means the same in every column: the row's own
/// time is asked for more than once.
#[derive(Clone, Copy, Debug, Default)]
struct PlainTime<'r>(Option<(&'r str, Ticks)>);

impl<'r> PlainTime<'r> {
    /// Returns the time that a JSON value of the row is, `None` if it is not of that form.
    fn of(&mut self, value: &'r str) -> Option<Ticks> {
        if let Some((known, time)) = self.0
            && std::ptr::eq(known, value)
        {
            return Some(time);
        }
        let content = value.strip_prefix('"')?.strip_suffix('"')?;
        let time = datetime::parse_plain_utc(content)?;
        self.0 = Some((value, time));
        Some(time)
    }
}

/// Returns the first of the values that is there, and its name.
#[inline]
fn first_cell<'r, 's>(
    slots: &'s [(String, Slot)],
    record: &'r str,
    taken: &Taken,
) -> (&'s str, Cell<'r>) {
    for (name, slot) in slots {
        match Cell::of_json(taken.get(*slot, record)) {
            Cell::Missing => {}
            cell => return (name, cell),
        }
    }
    ("", Cell::Missing)
}
