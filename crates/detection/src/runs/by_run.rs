//! Which rows each run has.

use std::collections::BTreeMap;

use engine::PartId;
use kql_types::Ticks;

/// Which rows each run has, by their places.
#[derive(Debug)]
pub(crate) enum ByRun {
    /// Each row rests on one record, and runs see it while they see that: from a run on, the rows that
    /// rest on records of a time.
    Records(Changes<Ticks>),
    /// From a run on, the rows of a part of a query that divides.
    Parts(Changes<PartId>),
    /// From a run on, the rows of the runs that see anything.
    Runs(BTreeMap<Ticks, Vec<usize>>),
    /// The rows of each run.
    EachRun(BTreeMap<Ticks, Vec<usize>>),
}

/// From a run on, the rows of some keys.
pub(crate) type Changes<K> = BTreeMap<Ticks, Vec<(K, Vec<usize>)>>;
