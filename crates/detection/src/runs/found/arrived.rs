//! What runs find where each record arrived at a time of its own.
//!
//! Which runs find the same is known only where all rows have the same delay, so that each run is looked at
//! by itself, but for those that cannot see anything.

use std::{collections::BTreeMap, sync::Arc};

use engine::{Arrivals, EngineError, RowTimes};
use kql_types::Ticks;

use super::{Finding, NO_RUN, Question};

impl Finding<'_> {
    /// Looks at each run as a whole, and in it at what has arrived by then.
    ///
    /// - `of_nothing`: what runs find that see nothing, if that is the same whenever they are.
    pub(crate) fn arrived(
        &mut self,
        arrivals: &Arc<Arrivals>,
        times: &RowTimes,
        of_nothing: Option<&[usize]>,
    ) -> Result<BTreeMap<Ticks, Vec<usize>>, EngineError> {
        let Question { run, query, runs, .. } = self.question;
        let mut by_run: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
        let mut looks = Vec::new();
        for scheduled in runs.all() {
            let look = runs.look_at_arrivals(scheduled, arrivals);
            let has_rows = look.0.window.as_ref().is_none_or(|window| times.rows_in(window) > 0);
            match of_nothing {
                Some(of_nothing) if !has_rows => {
                    by_run.insert(scheduled, of_nothing.to_vec());
                }
                _ => looks.push(look),
            }
        }
        run.at_arrivals(query, &looks, |now, rows| {
            let found = self.take(rows)?;
            by_run.insert(runs.run_at(now).ok_or(NO_RUN)?, found);
            Ok::<(), EngineError>(())
        })?;
        Ok(by_run)
    }
}
