//! Who reads the input of a run: workers, or this process, and then why.

use sources::Input;

use super::{Clock, Engine, Keep};
use crate::{
    error::EngineError,
    plan::{
        branch::Branch,
        layout::{Layout, ReadOptions},
    },
    query::compile::CompiledQuery,
    scan::{
        early_stop::EarlyStop,
        workers::{ReadHere, Split, encode},
    },
};

impl Engine {
    /// Tells who would read the input of a run over these queries and inputs, and why.
    ///
    /// # Errors
    ///
    /// If a query cannot be planned.
    pub fn split(
        &self,
        queries: &[CompiledQuery],
        inputs: &[Input],
        clock: Clock,
    ) -> Result<Split, EngineError> {
        let (mut branches, mut uses_now) = (Vec::new(), false);
        for query in queries {
            let planned = self.plan(query, clock, Keep::All)?;
            uses_now |= planned.results.iter().any(|result| result.uses_now);
            branches.extend(planned.branches);
        }
        let layout = Layout::new(&branches, &self.schemas, ReadOptions::default())?;
        let may_stop = !uses_now || matches!(clock, Clock::At(_));
        Ok(match self.leaves_for_workers(&branches, &layout, inputs, may_stop) {
            Ok(leaves) => Split::Workers { leaves: branches.len(), bytes: leaves.len() },
            Err(why) => Split::Here(why),
        })
    }

    /// Returns what workers are sent for a run, or why they are sent nothing.
    pub(super) fn leaves_for_workers(
        &self,
        branches: &[Branch],
        layout: &Layout,
        inputs: &[Input],
        may_stop: bool,
    ) -> Result<Vec<u8>, ReadHere> {
        if self.workers.is_none() {
            return Err(ReadHere::NoWorkers);
        }
        if inputs.is_empty() {
            return Err(ReadHere::NoLake);
        }
        if let Some(other) = inputs.iter().find(|input| !matches!(input, Input::Kept(_))) {
            return Err(ReadHere::NotOfLake(other.path().display().to_string()));
        }
        if EarlyStop::new(branches, may_stop).is_possible() {
            return Err(ReadHere::EndsEarly);
        }
        encode(branches, &self.schemas, layout)
    }
}
