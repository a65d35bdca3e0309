//! After which runs something of a part of a query that divides has changed.

use std::collections::{BTreeMap, BTreeSet};

use engine::{EngineError, PartId, PartLook, Parts, Reservation};
use kql_types::Ticks;

use crate::runs::{Runs, by_run::Changes};

/// The runs after which something of a part has changed.
pub(crate) struct PartChanges {
    /// In order of part and run.
    changes: Vec<(PartId, Ticks)>,
    /// The looks at those that see anything, in order of time.
    pub(crate) looks: Vec<PartLook>,
}

impl PartChanges {
    pub(crate) fn new(
        runs: Runs<'_>,
        parts: &Parts,
        steps: &BTreeSet<Ticks>,
        held: &Reservation,
    ) -> Result<Self, EngineError> {
        let (mut changes, mut looks) = (Vec::new(), Vec::new());
        for (part, times) in parts.times() {
            let of_part = runs.changes(times, steps);
            let bytes = size_of::<(PartId, Ticks)>().saturating_add(size_of::<PartLook>());
            held.grow(of_part.len().saturating_mul(bytes))?;
            for (run, sees_any) in of_part {
                changes.push((part, run));
                let look = runs.look(run);
                if let (true, Some(window)) = (sees_any, look.window) {
                    looks.push(PartLook { part, now: look.now, window });
                }
            }
        }
        looks.sort_unstable_by_key(|look| (look.now, look.part));
        Ok(Self { changes, looks })
    }

    pub(crate) fn rows_seen(&self, parts: &Parts) -> Result<u64, EngineError> {
        // A number that is too large is one that is above every limit.
        self.looks
            .iter()
            .try_fold(0_u64, |all, look| Ok(all.saturating_add(parts.rows_seen(look)?)))
    }

    /// Returns the changes of what is found.
    pub(crate) fn with(self, mut found: BTreeMap<(PartId, Ticks), Vec<usize>>) -> Changes<PartId> {
        let mut changes = Changes::new();
        let mut last: (Option<PartId>, Vec<usize>) = (None, Vec::new());
        for (part, run) in self.changes {
            if last.0 != Some(part) {
                last = (Some(part), Vec::new());
            }
            let mut rows = found.remove(&(part, run)).unwrap_or_default();
            rows.sort_unstable();
            if last.1 != rows {
                last.1.clone_from(&rows);
                changes.entry(run).or_default().push((part, rows));
            }
        }
        changes
    }
}
