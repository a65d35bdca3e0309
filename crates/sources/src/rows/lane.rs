//! JSON rows of one native table on their way into batches.

use std::sync::Arc;

use kql_types::{Ticks, schema::TableSchema};

use super::{batch::RowBatchBuilder, cell::Cell, column::time};
use crate::{
    json::{
        plan::{Plan, Slot, Taken, Walked},
        probe::Probe,
    },
    known::{KnownTables, is_annotation},
    lane::{Lane, Outcome, Rejection},
    problem::Reason,
    request::TableRequest,
    text::yielded::Part,
};

/// The names under which an export may have a row's time, the first one counts.
const TIME_COLUMNS: [&str; 2] = ["TimeGenerated", "Timestamp"];

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
    /// `None` if nobody wants the table: its rows are counted and their times seen.
    request: Option<&'s TableRequest>,
    plan: Plan,
    slots: RowSlots,
    builder: Option<RowBatchBuilder>,
    part: Part,
    ignored_columns: Vec<String>,
}

#[derive(Clone, Debug)]
struct RowSlots {
    tell: Option<Slot>,
    times: Vec<Slot>,
    columns: Vec<Vec<Slot>>,
}

impl<'s> RowLane<'s> {
    /// Returns a lane for rows of this table; `first` is one of them.
    ///
    /// The first row's keys decide which of a column's names are looked for.
    pub(crate) fn new(
        shape: RowShape,
        table: &'s TableSchema,
        request: Option<&'s TableRequest>,
        known: &KnownTables,
        first: Option<Probe<'_>>,
    ) -> Self {
        let row = first.and_then(|first| {
            if shape.place.is_empty() { Some(first) } else { first.object(shape.place) }
        });
        let keys = row.map(Probe::keys).unwrap_or_default();
        let mut plan = Plan::new();
        let slots = RowSlots::new(&shape, table, request, known, &keys, &mut plan);
        let ignored_columns = keys
            .into_iter()
            .filter(|key| !is_annotation(key) && !known.has_column(table, key))
            .collect();
        Self {
            shape: Arc::new(shape),
            table,
            request,
            plan,
            slots,
            builder: None,
            part: Part::default(),
            ignored_columns,
        }
    }

    fn take_batch(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push((0, batch?));
        }
        Ok(())
    }

    /// Returns why the row has no time.
    fn no_time(&self, record: &str, taken: &Taken) -> Reason {
        let names = TIME_COLUMNS.iter().zip(&self.slots.times);
        let mut told = names.filter(|(_, slot)| taken.get(**slot, record).is_some());
        let column = told.next().map_or(TIME_COLUMNS[0], |(name, _)| *name);
        match first_cell(&self.slots.times, record, taken).text() {
            Some(text) => Reason::unreadable_time(column, &text),
            None => Reason::NoTime { column: column.to_owned() },
        }
    }

    /// Tells whether the row is of another table or none at all.
    fn is_foreign(&self, record: &str, taken: &Taken) -> bool {
        match (self.slots.tell, &self.shape.tell) {
            (Some(slot), Some((_, expected))) => taken.get(slot, record) != Some(expected),
            _ => self.slots.times.iter().all(|slot| taken.get(*slot, record).is_none()),
        }
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
                let slots: Vec<Slot> = names.iter().map(|name| take(plan, name)).collect();
                if let (true, Some(own)) = (is_renamed, slots.first()) {
                    plan.do_not_await(*own);
                }
                slots
            })
            .collect();
        Self { tell, times, columns }
    }

    fn time(&self, record: &str, taken: &Taken) -> Option<Ticks> {
        time(&first_cell(&self.times, record, taken).text()?)
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
            request: self.request,
            plan: self.plan.clone(),
            slots: self.slots.clone(),
            builder: None,
            part: Part::default(),
            ignored_columns: self.ignored_columns.clone(),
        })
    }

    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, Rejection> {
        let (slots, shape) = (&self.slots, &self.shape);
        let range = self.request.map(|request| request.time.as_ref());
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
            !is_told || is_wanted(slots.time(record, taken))
        })?;
        if walked != Walked::Unwanted && self.is_foreign(record, taken) {
            return Ok(Outcome::Foreign);
        }
        let time = self.slots.time(record, taken);
        if time.is_none() {
            return Err(self.no_time(record, taken).into());
        }
        self.part.saw(time, line);
        let wanted = self.request.filter(|_| walked != Walked::Unwanted && is_wanted(time));
        let Some(request) = wanted else {
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Ok(Outcome::Filtered);
        };
        let builder = self.builder.get_or_insert_with(|| RowBatchBuilder::new(&request.columns));
        let columns = &self.slots.columns;
        builder.append(line, |place, append| {
            let slots = columns.get(place).map(|slots| &**slots).unwrap_or_default();
            append(first_cell(slots, record, taken));
        });
        self.part.emitted = self.part.emitted.saturating_add(1);
        Ok(if builder.is_full() { Outcome::Full } else { Outcome::Emitted })
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.take_batch()
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        self.take_batch()?;
        let part = std::mem::take(&mut self.part);
        Ok(Part {
            format: self.format(),
            table: self.table.name.clone(),
            not_converted: self
                .builder
                .as_mut()
                .map(RowBatchBuilder::take_not_converted)
                .unwrap_or_default(),
            ignored_columns: self.ignored_columns.clone(),
            ..part
        })
    }
}

/// Returns the first of the values that is there.
fn first_cell<'r>(slots: &[Slot], record: &'r str, taken: &Taken) -> Cell<'r> {
    slots
        .iter()
        .map(|slot| Cell::of_json(taken.get(*slot, record)))
        .find(|cell| *cell != Cell::Missing)
        .unwrap_or(Cell::Missing)
}
