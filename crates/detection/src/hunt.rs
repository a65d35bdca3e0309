//! A hunt: all rules over all inputs, in one pass.

mod alerts;
mod refusal;

use std::{
    cmp::Reverse,
    num::NonZeroUsize,
    path::PathBuf,
    time::{Duration, Instant},
};

use engine::{
    Clock, CompiledQuery, Diagnostic, Engine, EngineError, Environment, Input, Progress,
    Reservation, Run,
};
use kql_types::Ticks;
use thiserror::Error;

use self::alerts::Hunted;
use crate::{alert::Alert, package::PackagedRule};

/// Rules whose queries run.
#[derive(Debug)]
pub struct CompiledRules<'a> {
    rules: Vec<&'a PackagedRule>,
    queries: Vec<CompiledQuery>,
}

/// A rule that does not run, and why.
#[derive(Debug)]
pub struct RefusedRule<'a> {
    /// The rule.
    pub rule: &'a PackagedRule,
    /// What is wrong with its query, or what of it does not run yet.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with the rule around the query; the places are those in the rule's file.
    pub of_rule: Vec<Diagnostic>,
}

/// A rule whose query compiles and that was not run, since it would raise alerts that rest on no
/// record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfoundedRule {
    /// The rule's file.
    pub path: PathBuf,
    /// The rule's name.
    pub name: String,
}

/// What a hunt finds.
#[derive(Debug)]
pub struct Found<'engine> {
    /// The alerts, in order of time, then of rules, then of evidence; each once.
    pub alerts: Vec<Alert>,
    /// The run, with its balance. Its queries are those of the rules, in order, whose rows have been
    /// given back, and then those that ran beside them.
    pub run: Run<'engine>,
    /// Rules that raise alerts where there is no record at all, so that an alert of theirs could not
    /// say what it rests on: they were not run.
    pub unfounded: Vec<UnfoundedRule>,
    /// The number of the first query that ran beside the rules.
    pub beside: usize,
    /// The rules that failed while they ran; they have no alerts.
    pub failed: Vec<FailedRule>,
    /// How long each rule took by itself, in their order; that the input was read is not part of it.
    pub took: Vec<Duration>,
    /// What the alerts, and what is made of them, take of the memory, rule by rule.
    pub held: Vec<Reservation>,
}

/// A rule that failed while it ran.
#[derive(Debug)]
pub struct FailedRule {
    /// The number of its query.
    pub query: usize,
    /// Why.
    pub error: EngineError,
}

/// A hunt that failed. Damaged input is no failure.
#[derive(Debug, Error)]
pub enum HuntError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl<'a> CompiledRules<'a> {
    /// Compiles the queries of rules, on several threads; those that do not run are returned beside
    /// the others.
    pub fn compile(
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        Self::compile_unless(refusal::of_rule, rules, environment, threads)
    }

    /// Does as [`compile`](Self::compile), for a simulation: refuses what Sentinel would not save, and
    /// takes rules that raise alerts where there is nothing.
    pub fn compile_for_simulation(
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        Self::compile_unless(refusal::of_simulation, rules, environment, threads)
    }

    /// Puts rules together with their queries, which have been compiled.
    pub fn of(rules: impl IntoIterator<Item = (&'a PackagedRule, CompiledQuery)>) -> Self {
        let (rules, queries) = rules.into_iter().unzip();
        Self { rules, queries }
    }

    fn compile_unless(
        refusals: impl Fn(&PackagedRule) -> Vec<Diagnostic>,
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        let texts: Vec<&str> = rules.iter().map(|rule| &*rule.rule.query).collect();
        let queries = engine::compile_all(&texts, environment, true, threads);
        let mut compiled = Self { rules: Vec::new(), queries: Vec::new() };
        let mut refused = Vec::new();
        for (rule, query) in rules.iter().zip(queries) {
            let of_rule = refusals(rule);
            match query {
                Ok(query) if of_rule.is_empty() => {
                    compiled.rules.push(rule);
                    compiled.queries.push(query);
                }
                query => {
                    let diagnostics = query.err().unwrap_or_default();
                    refused.push(RefusedRule { rule, diagnostics, of_rule });
                }
            }
        }
        (compiled, refused)
    }

    /// Returns those rules of which something holds.
    pub(crate) fn only(&self, holds: impl Fn(usize) -> bool) -> Self {
        let rules = self.rules.iter().zip(&self.queries).enumerate();
        let (rules, queries) = rules
            .filter(|(number, _)| holds(*number))
            .map(|(_, (rule, query))| (*rule, query.clone()))
            .unzip();
        Self { rules, queries }
    }

    /// Returns how many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Yields the rules with their queries, in order.
    pub fn queries(&self) -> impl Iterator<Item = (&'a PackagedRule, &CompiledQuery)> {
        self.rules.iter().copied().zip(&self.queries)
    }

    /// Tells whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Which runs of rules a hunt is of.
///
/// Each finding is an alert once, as the first of them has it, and none of Sentinel's losses apply: it is what
/// a strict simulation finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All runs that see anything of what the inputs hold.
    History,
    /// One run of each rule, at this time, over the period it looks back on.
    Once(Ticks),
    /// The runs of each rule from one time to another. The inputs have to hold what these look back on.
    Between(Ticks, Ticks),
}

impl From<Option<Ticks>> for When {
    /// One run at a time that somebody names; all if nobody does.
    fn from(now: Option<Ticks>) -> Self {
        now.map_or(Self::History, Self::Once)
    }
}

/// Reads the inputs once and runs every rule.
///
/// Queries that are to see the same pass are given as `beside`; they raise no alerts.
///
/// # Errors
///
/// If the engine fails.
pub fn hunt<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    beside: &[CompiledQuery],
    inputs: &[Input],
    when: When,
    progress: &dyn Progress,
) -> Result<Found<'engine>, HuntError> {
    hunt_by(engine, rules, beside, inputs, when, progress, Way::Needed)
}

/// Runs every rule at every time of its schedule at which there is an event to see.
///
/// This is what [`hunt`] has to find, in plain words and at great length: for tests.
///
/// # Errors
///
/// If the engine fails.
#[doc(hidden)]
pub fn hunt_at_every_run<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    progress: &dyn Progress,
) -> Result<Found<'engine>, HuntError> {
    hunt_by(engine, rules, &[], inputs, When::History, progress, Way::EveryRun)
}

/// How a schedule is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By the runs that may find anything new, many at a time.
    Needed,
    /// Run by run.
    EveryRun,
}

fn hunt_by<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    beside: &[CompiledQuery],
    inputs: &[Input],
    when: When,
    progress: &dyn Progress,
    way: Way,
) -> Result<Found<'engine>, HuntError> {
    // Where nothing has a time, any will do: no window holds anything then.
    let clock = match when {
        When::Once(now) => Clock::At(now),
        When::History | When::Between(..) => Clock::NewestEvent(0),
    };
    let queries: Vec<CompiledQuery> = rules.queries.iter().chain(beside).cloned().collect();
    let mut run = engine.run(&queries, inputs, clock, progress)?;
    let mut numbered: Vec<(usize, &PackagedRule)> =
        rules.rules.iter().copied().enumerate().collect();
    // Those with most to look at first, so that none of them runs alone at the end.
    numbered.sort_by_key(|(query, _)| Reverse(run.kept(*query)));
    let of_rule = |(query, rule): &(usize, &PackagedRule)| {
        let begun = Instant::now();
        let found = Hunted { run: &run, query: *query, rule, when, way }.alerts();
        (found, begun.elapsed())
    };
    let mut found = engine::map_in_parallel(&numbered, engine.threads(), of_rule);
    let is_out_of_memory = |(found, _): &(Result<_, EngineError>, Duration)| matches!(found, Err(error) if error.is_out_of_memory());
    if found.iter().any(is_out_of_memory) {
        // Which rules there is memory for is decided rule by rule, whatever the number of threads.
        found.clear();
        numbered.sort_by_key(|(query, _)| *query);
        found.extend(numbered.iter().map(of_rule));
    }
    let mut found: Vec<_> = numbered.into_iter().zip(found).collect();
    found.sort_by_key(|((query, _), _)| *query);
    let (mut alerts, mut unfounded, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let (mut held, mut took) = (Vec::new(), Vec::new());
    for ((query, rule), (found, time)) in found {
        took.push(time);
        // One rule's failure must not lose what the others find.
        match found {
            Ok(Some((of_rule, of_memory))) => {
                alerts.extend(of_rule);
                held.push(of_memory);
            }
            Ok(None) => {
                let (path, name) = (rule.path.clone(), rule.rule.name.clone());
                unfounded.push(UnfoundedRule { path, name });
            }
            Err(error) => failed.push(FailedRule { query, error }),
        }
    }
    // What alerts are put together to takes the place of the rows.
    run.give_back(0..rules.queries.len());
    // The sort is stable: alerts of the same time stay in order of rules.
    alerts.sort_by_key(|alert: &Alert| alert.time);
    Ok(Found { alerts, run, unfounded, beside: rules.queries.len(), failed, took, held })
}
