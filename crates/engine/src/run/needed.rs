//! What tells at which times a query has to look, and how what it finds depends on them.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Ticks;

use super::{
    PlannedResult, Run,
    stored::Stored,
    times::{RowTimes, Times},
};

use crate::{
    error::EngineError,
    evidence,
    plan::{branch, time_use::TimeUse},
};

impl Run<'_> {
    /// Returns the times of the records that a query compiled with evidence has to look at, as far
    /// as its leaves' filters tell: sorted, each once.
    ///
    /// # Errors
    ///
    /// If what was written out cannot be read back, or was given back.
    pub fn times(&self, query: usize) -> Result<RowTimes, EngineError> {
        let results = self.queries.get(query).into_iter().flatten();
        let mut leaves = BTreeMap::new();
        for leaf in results.flat_map(|result| result.leaves.clone()) {
            let mut times = Times::new(self.reserve("the times of a rule's records"));
            let Some(stored) = self.stored.get(leaf) else { continue };
            for block in &**stored.blocks()? {
                times.extend(block.times()?.into_iter())?;
            }
            leaves.insert(leaf, times.finish());
        }
        RowTimes::new(leaves, self.reserve("the times of a rule's records"))
    }

    /// Returns how many rows the pass kept for a query's leaves: whether the input has anything that
    /// it looks at.
    pub fn kept(&self, query: usize) -> usize {
        let results = self.queries.get(query).into_iter().flatten();
        let stored = results.flat_map(|result| self.stored(result.leaves.clone()));
        stored.map(Stored::rows).fold(0, usize::saturating_add)
    }

    /// Tells whether a query judges each row of its leaves by itself: whether it finds in all of
    /// the input what it finds in the parts of it.
    pub fn is_row_local(&self, query: usize) -> bool {
        let mut results = self.queries.get(query).into_iter().flatten();
        results.all(|result| branch::is_row_local(&result.plan))
    }

    /// Tells whether a query asks for the time, so that what it finds depends on when it looks.
    pub fn asks_for_time(&self, query: usize) -> bool {
        self.queries.get(query).into_iter().flatten().any(|result| result.uses_now)
    }

    /// Returns when what a query compiled with evidence finds may change though the records that it
    /// sees stay the same: how long after a record's time, in ticks; `None` if it may at any time.
    ///
    /// # Errors
    ///
    /// If what was written out cannot be read back, or was given back.
    pub fn steps(&self, query: usize) -> Result<Option<BTreeSet<Ticks>>, EngineError> {
        let mut all = BTreeSet::new();
        for result in self.queries.get(query).into_iter().flatten() {
            let TimeUse { steps, has_second_time, .. } = &result.time_use;
            let Some(steps) = steps else { return Ok(None) };
            if *has_second_time && !steps.is_empty() && !self.times_agree(result)? {
                return Ok(None);
            }
            all.extend(steps);
        }
        Ok(Some(all))
    }

    /// Tells whether in all rows that a result looks at both columns that may have a record's time
    /// have the same.
    fn times_agree(&self, result: &PlannedResult) -> Result<bool, EngineError> {
        let blocks = self.stored(result.leaves.clone()).map(Stored::blocks);
        for block in blocks.collect::<Result<Vec<_>, _>>()?.into_iter().flat_map(|it| &**it) {
            if block.read(None)?.is_some_and(|rows| !evidence::times_agree(&rows)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells for each column of a query's first result whether its values are made of the time of
    /// the look, so that they tell nothing about what was found.
    pub fn columns_of_time(&self, query: usize) -> &[bool] {
        let first = self.queries.get(query).and_then(|results| results.first());
        first.map(|result| &*result.time_use.columns).unwrap_or_default()
    }
}
