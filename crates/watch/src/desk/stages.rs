//! How many rows a query has after each of its stages, over the lake.

use engine::{Clock, CompiledQuery, Engine, EngineError, NoProgress, Run, Stage};
use kql_types::{KqlType, Ticks, Value};
use serde::Serialize;

use super::{Desk, DeskError};
use crate::look::inputs_of;

/// A stage of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageRow {
    /// How many operators it stands within.
    pub depth: usize,
    /// The variable whose rows the pipeline makes, if it is a `let`'s.
    pub variable: Option<String>,
    /// Its text.
    pub text: String,
    /// Rows after it; none if it does not run.
    pub rows: Option<u64>,
}

impl Desk {
    /// Returns a query's stages, in the order of its text.
    ///
    /// - `from`, `to`: the times to look at; rows outside may be counted where a file has both.
    ///
    /// # Errors
    ///
    /// If the query is wrong; those of the lake and the engine.
    pub fn stages(
        &self,
        query: &str,
        (from, to): (Option<Ticks>, Option<Ticks>),
        now: Ticks,
    ) -> Result<Vec<StageRow>, DeskError> {
        let rules = self.rules()?;
        let stages = engine::stages(query, &rules.environment).map_err(DeskError::Refused)?;
        self.lake.update()?;
        let (from, to) = (from.unwrap_or(Ticks::MIN), to.unwrap_or(Ticks::MAX));
        let inputs = inputs_of(&self.lake, from, to, None)?;
        let running: Vec<CompiledQuery> =
            stages.iter().filter_map(|stage| stage.query.as_ref().ok().cloned()).collect();
        let engine = Engine::new(&rules.environment, self.settings.clone())?;
        let run = engine.run(&running, &inputs, Clock::At(to.min(now)), &NoProgress)?;
        rows(&run, &stages).map_err(DeskError::Engine)
    }
}

fn rows(run: &Run<'_>, stages: &[Stage]) -> Result<Vec<StageRow>, EngineError> {
    let mut query: usize = 0;
    let mut found = Vec::with_capacity(stages.len());
    for stage in stages {
        let rows = if stage.query.is_ok() {
            let rows = counted(run, query)?;
            query = query.saturating_add(1);
            rows
        } else {
            None
        };
        found.push(StageRow {
            depth: stage.depth,
            variable: stage.variable.as_deref().map(str::to_owned),
            text: stage.text.clone(),
            rows,
        });
    }
    Ok(found)
}

/// Returns the one number that a stage's query gives.
fn counted(run: &Run<'_>, query: usize) -> Result<Option<u64>, EngineError> {
    let mut count = None;
    for rows in run.rows(query)? {
        for batch in rows {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let first = batch.columns().first();
                let value = first.map(|column| engine::value(column.as_ref(), KqlType::Long, row));
                if let Some(Value::Long(Some(number))) = value {
                    count = u64::try_from(number).ok();
                }
            }
        }
    }
    Ok(count)
}
