//! Rules over what Sentinel writes: alerts, incidents and health that other rules bring about, and they
//! themselves.
//!
//! A run sees what has been written before it, so that what rules write rests on what they had written
//! earlier. It is simulated again over what was written the last time until nothing changes any more: each
//! time, at least one further run of each rule is as it will be.

use std::{collections::BTreeMap, sync::Arc};

use engine::{Arrivals, Engine, EngineError, Input, NoProgress, Run};
use kql_types::Ticks;

use super::{
    Answer, Mode, SimulatedRule, Simulation, SimulationError, Start, Told, answers, read, ready,
    tell_mode,
    written::{OWN_TABLES, Written, reads_only_own},
};
use crate::hunt::CompiledRules;

/// How often rules are simulated before it is said that they do not settle.
const MOST_ROUNDS: usize = 1_000;

/// What rules over Sentinel's own tables find, once that has settled.
pub(super) struct Settled<'engine> {
    pub(super) run: Run<'engine>,
    pub(super) answers: Vec<Result<Answer, EngineError>>,
}

/// What the rules are, and over what.
pub(super) struct Settling<'a, 'engine> {
    pub(super) engine: &'engine Engine,
    /// Those that read what Sentinel writes, and their numbers among all.
    pub(super) rules: &'a CompiledRules<'a>,
    pub(super) numbers: &'a [usize],
    pub(super) inputs: &'a [Input],
    pub(super) simulation: &'a Simulation,
    /// The oldest and the newest time in the inputs.
    pub(super) times: Option<(Ticks, Ticks)>,
    /// The other rules.
    pub(super) others: &'a [(&'a SimulatedRule<'a>, &'a Result<Answer, EngineError>)],
    /// The run that the inputs were read by.
    pub(super) read: &'a Run<'a>,
}

impl<'engine> Settling<'_, 'engine> {
    /// Simulates until nothing changes.
    ///
    /// # Errors
    ///
    /// If the engine fails, or what rules write never settles.
    pub(super) fn settle(&self) -> Result<Settled<'engine>, SimulationError> {
        let held = self.read.reserve("the rows of Sentinel's tables");
        let mut written = written_by(self.others)?;
        for _ in 0..MOST_ROUNDS {
            held.grow(written.bytes())?;
            let mut inputs = if self.needs_inputs() { self.inputs.to_vec() } else { Vec::new() };
            inputs.extend(written.inputs());
            let run = read(self.engine, self.rules, &inputs, &NoProgress)?;
            let (answers, rewritten) = {
                let simulated = self.ready(&run)?;
                let answers = answers(&simulated, self.engine, SimulatedRule::answer);
                let rewritten = written_by(&in_order(self.others, &simulated, &answers))?;
                (answers, rewritten)
            };
            if rewritten == written {
                return Ok(Settled { run, answers });
            }
            held.shrink(written.bytes());
            written = rewritten;
        }
        Err(SimulationError::Unsettled { rounds: MOST_ROUNDS })
    }

    /// Returns the rules, ready to be asked.
    pub(super) fn ready<'r>(
        &'r self,
        run: &'r Run<'r>,
    ) -> Result<Vec<SimulatedRule<'r>>, SimulationError> {
        let written = written_by(self.others)?.newest();
        let times =
            self.times.map(|(oldest, newest)| (oldest, newest.max(written.unwrap_or(newest))));
        let mut simulated =
            ready(run, self.rules, self.simulation, (Start::AsInHunt, times), &mut Vec::new())?;
        for of_rule in &mut simulated {
            let number = self.numbers.get(of_rule.query).copied();
            of_rule.number = number.ok_or(EngineError::Internal {
                what: "a rule over Sentinel's tables has no number",
            })?;
            // What Sentinel writes itself stands behind the inputs, and takes as long as it always does.
            if let Some(arrivals) = of_rule.arrivals.take() {
                let (inputs, delay) = (self.inputs.len(), self.simulation.assumptions.own_delay());
                of_rule.arrivals = Some(Arc::new(Arrivals::Followed { arrivals, inputs, delay }));
            }
        }
        Ok(simulated)
    }

    /// Tells whether the rules find anything in the inputs themselves.
    fn needs_inputs(&self) -> bool {
        let members = &self.read.balance().members;
        let has_own = members
            .iter()
            .any(|member| member.tables.iter().any(|table| OWN_TABLES.contains(&table.as_str())));
        has_own || self.rules.queries().any(|(_, query)| !reads_only_own(query))
    }
}

/// Puts rules and their answers in the order of their numbers.
pub(super) fn in_order<'r>(
    others: &[(&'r SimulatedRule<'r>, &'r Result<Answer, EngineError>)],
    simulated: &'r [SimulatedRule<'r>],
    answers: &'r [Result<Answer, EngineError>],
) -> Vec<(&'r SimulatedRule<'r>, &'r Result<Answer, EngineError>)> {
    let all = others.iter().copied().chain(simulated.iter().zip(answers));
    let by_number: BTreeMap<usize, _> = all.map(|it| (it.0.number, it)).collect();
    by_number.into_values().collect()
}

/// Returns what Sentinel writes of rules.
fn written_by(
    rules: &[(&SimulatedRule<'_>, &Result<Answer, EngineError>)],
) -> Result<Written, SimulationError> {
    let mut written = Written::default();
    let mut tell = |told: Told<'_>| {
        written.add(&told);
        Ok(())
    };
    tell_mode(Mode::Exact, rules, &mut Vec::new(), &mut tell)?;
    Ok(written)
}
