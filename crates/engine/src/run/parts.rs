//! The parts of a query that divides by key, and looks at single parts.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    ops::RangeInclusive,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef},
    compute::cast,
    datatypes::DataType,
    record_batch::RecordBatch,
};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use kql_types::Ticks;

use super::{PlannedResult, Run, looks::LookRows, stored::Stored};
use crate::{
    Look,
    account::Reservation,
    error::EngineError,
    evidence::{self, MemberId, RecordRef},
    plan::{division::division, planner::Computation},
    store::{PartId, RowParts, Runs},
};

/// The parts of a query: what it finds in some records is what it finds in each part by itself.
#[derive(Debug)]
pub struct Parts {
    /// The times of each part's records, in order; one stands there as often as records have it.
    times: BTreeMap<PartId, Vec<Ticks>>,
    records: HashMap<(MemberId, u64), PartId>,
    rows: Arc<RowParts>,
    _account: Reservation,
}

/// A look at one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartLook {
    /// The part.
    pub part: PartId,
    /// What `now()` is.
    pub now: Ticks,
    /// The times of the records that it sees.
    pub window: RangeInclusive<Ticks>,
}

impl Parts {
    /// Yields the parts with the times of their records, in order; one stands there as often as records
    /// have it.
    pub fn times(&self) -> impl Iterator<Item = (PartId, &[Ticks])> {
        self.times.iter().map(|(part, times)| (*part, times.as_slice()))
    }

    /// Returns the part that a record belongs to.
    pub fn of_record(&self, record: &RecordRef) -> Option<PartId> {
        self.records.get(&(record.member, record.line)).copied()
    }

    /// Returns how many rows a look sees.
    ///
    /// # Errors
    ///
    /// If the look is at a part of another query.
    pub fn rows_seen(&self, look: &PartLook) -> Result<u64, EngineError> {
        const NO_PART: EngineError =
            EngineError::Internal { what: "a look is at a part that its query does not have" };
        let times = self.times.get(&look.part).ok_or(NO_PART)?;
        let from = times.partition_point(|time| time < look.window.start());
        let until = times.partition_point(|time| time <= look.window.end());
        // A window that ends before it begins has none.
        Ok(u64::try_from(until.saturating_sub(from)).unwrap_or(u64::MAX))
    }
}

/// What a row takes in [`Parts`], roughly.
const ROW_BYTES: usize = size_of::<Ticks>() + 2 * size_of::<PartId>() + 40;

impl Run<'_> {
    /// Returns the parts of a query that was compiled with evidence; `None` if it does not divide, if a
    /// record would belong to several parts, or if its operators do not keep looks apart.
    ///
    /// # Errors
    ///
    /// If a key cannot be computed, or there is not enough memory for the parts.
    pub fn parts(&self, query: usize) -> Result<Option<Parts>, EngineError> {
        const NO_QUERY: EngineError = EngineError::Internal {
            what: "a run is asked for the parts of a query it does not have",
        };
        const NO_BRANCHES: EngineError =
            EngineError::Internal { what: "a query has leaves that the run does not have" };
        let [result] = self.queries.get(query).ok_or(NO_QUERY)?.as_slice() else {
            return Ok(None);
        };
        let Some(keys) = division(&result.plan) else { return Ok(None) };
        let leaves = result.leaves.clone();
        let branches = self.branches.get(leaves.clone()).ok_or(NO_BRANCHES)?;
        let is_timed = branches.iter().all(|branch| branch.is_timed);
        if !result.pipelines.is_empty() || keys.len() != branches.len() || !is_timed {
            return Ok(None);
        }
        let plan = self.engine.planner.trimmed(self.over_stored(result, None)?)?;
        if self.spread(result, &plan)?.is_none() {
            return Ok(None);
        }
        let account = self.reserve("the parts of a rule's records");
        let mut filling = Filling::default();
        for (((leaf, stored), branch), keys) in
            leaves.clone().zip(self.stored(leaves)).zip(branches).zip(keys)
        {
            account.grow(stored.rows().saturating_mul(ROW_BYTES))?;
            let key = |expr| self.engine.planner.computation(expr, &branch.schema);
            let keys: Vec<Computation> = keys.iter().map(key).collect::<Result<_, _>>()?;
            if !filling.add(leaf, stored, &keys)? {
                return Ok(None);
            }
        }
        Ok(Some(filling.finish(account)))
    }

    /// Asks a query for what it finds at looks at single parts, which are in order of time.
    ///
    /// - `parts`: those of the query.
    /// - `take`: takes what parts find at a time, of all parts that are looked at then or of some. If it
    ///   is told a part, it takes what all parts find, and only that part is of interest.
    ///
    /// # Errors
    ///
    /// If the query fails, and what `take` returns.
    pub fn at_looks_at_parts<E: From<EngineError>>(
        &self,
        query: usize,
        looks: &[PartLook],
        parts: &Parts,
        mut take: impl FnMut(Ticks, Option<PartId>, LookRows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        const NO_SPREAD: EngineError =
            EngineError::Internal { what: "a query has parts and does not keep looks apart" };
        let result: &PlannedResult = self.first_result(query)?;
        let plan = self.engine.planner.trimmed(self.over_stored(result, None)?)?;
        let spread = self.spread(result, &plan)?.ok_or(NO_SPREAD)?;
        let room = self.room();
        let looks: Vec<(&PartLook, u64)> = looks
            .iter()
            .map(|look| Ok((look, parts.rows_seen(look)?)))
            .collect::<Result<_, EngineError>>()?;
        for looks in super::looks::slabs(&looks, room, |(_, rows)| *rows) {
            if let [(only, rows)] = looks
                && *rows > room
            {
                // Looks of many rows have to be able to take little memory.
                let look = Look { now: only.now, window: Some(only.window.clone()) };
                self.at_each_look(query, &[look], |now, rows| take(now, Some(only.part), rows))?;
                continue;
            }
            let windows = looks.iter().map(|(look, _)| (look.part, look.now, look.window.clone()));
            let runs = Runs::of_parts(windows.collect(), Arc::clone(&parts.rows));
            for (run, rows) in self.at_once(spread, runs)? {
                take(run, None, &mut rows.into_iter().map(Ok))?;
            }
        }
        Ok(())
    }
}

/// Parts under way.
#[derive(Debug, Default)]
struct Filling {
    times: BTreeMap<PartId, Vec<Ticks>>,
    records: HashMap<(MemberId, u64), PartId>,
    rows: RowParts,
}

impl Filling {
    /// Adds the rows of a leaf; tells whether each record belongs to one part.
    fn add(
        &mut self,
        leaf: usize,
        stored: &Stored,
        keys: &[Computation],
    ) -> Result<bool, EngineError> {
        for (number, block) in stored.blocks()?.iter().enumerate() {
            let (rows, times) = block.read_with_times()?;
            let parts = parts_of(&rows, keys)?;
            for (row, part) in parts.iter().enumerate().filter(|(row, _)| times.is_valid(*row)) {
                self.times.entry(*part).or_default().push(times.value(row));
            }
            // What rows rest on is not known of a leaf whose rows nobody asks for that.
            for (record, part) in evidence::places(&rows).into_iter().flatten().zip(&parts) {
                match self.records.entry(record) {
                    Entry::Occupied(known) if known.get() != part => return Ok(false),
                    Entry::Occupied(_) => {}
                    Entry::Vacant(new) => {
                        new.insert(*part);
                    }
                }
            }
            self.rows.add(leaf, number, parts);
        }
        Ok(true)
    }

    fn finish(mut self, account: Reservation) -> Parts {
        for times in self.times.values_mut() {
            times.sort_unstable();
        }
        let Self { times, records, rows } = self;
        Parts { times, records, rows: Arc::new(rows), _account: account }
    }
}

/// Returns the part that each row belongs to.
fn parts_of(rows: &RecordBatch, keys: &[Computation]) -> Result<Vec<PartId>, EngineError> {
    let value = |key: &Computation| {
        let values = key.evaluate(rows).map_err(EngineError::Execute)?;
        // The same text has the same hash in one form alone.
        let is_text = matches!(values.data_type(), DataType::Utf8 | DataType::LargeUtf8);
        if is_text {
            cast(&values, &DataType::Utf8View).map_err(EngineError::Batch)
        } else {
            Ok(values)
        }
    };
    let keys: Vec<ArrayRef> = keys.iter().map(value).collect::<Result<_, _>>()?;
    let mut hashes = vec![0; rows.num_rows()];
    create_hashes(&keys, &RandomState::default(), &mut hashes).map_err(EngineError::Execute)?;
    Ok(hashes.into_iter().map(PartId).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_a_part_that_there_is_not_is_an_error() {
        let (known, unknown) = (PartId(1), PartId(2));
        let filling = Filling { times: [(known, vec![5, 3])].into(), ..Filling::default() };
        let parts = filling.finish(Reservation::with_limit(0));
        let look = |part, window| PartLook { part, now: 9, window };
        assert_eq!(parts.rows_seen(&look(known, 4..=9)).unwrap(), 1);
        let error = parts.rows_seen(&look(unknown, 4..=9)).unwrap_err();
        assert!(matches!(error, EngineError::Internal { .. }), "{error}");
    }
}
