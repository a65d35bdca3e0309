//! A look: a hunt with some rules over the runs that are due.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use detection::{
    CompiledRules, HuntError, When,
    alert::Alert,
    hunt,
    tuning::{Suppressed, Tuning},
};
use engine::{Cancel, Engine, EngineError, Input, NoProgress, Settings};
use kql_types::Ticks;
use lake::{Lake, LakeError};
use thiserror::Error;

use crate::rules::{Ready, Rules};

/// Runs of a rule that are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due<'r> {
    pub(crate) rule: &'r Ready,
    pub(crate) first: Ticks,
    pub(crate) last: Ticks,
}

/// Rules whose due runs lie together, so that one reading of the lake is enough for them.
#[derive(Clone, Debug)]
pub(crate) struct Together<'r> {
    pub(crate) rules: Vec<&'r Ready>,
    pub(crate) first: Ticks,
    pub(crate) last: Ticks,
    /// The oldest time that any of the runs sees.
    oldest: Ticks,
}

/// What a look found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) alerts: Vec<Alert>,
    pub(crate) suppressed: Vec<Suppressed>,
    /// Rules that failed, by their places: why, and whether they will again.
    pub(crate) failed: BTreeMap<usize, Failed>,
    /// What each rule took.
    pub(crate) took: Vec<Duration>,
}

impl Found {
    /// Returns what a look found that failed as a whole.
    pub(crate) fn failed(rules: usize, failed: &Failed) -> Self {
        let failed = (0..rules).map(|place| (place, failed.clone())).collect();
        Self { failed, ..Self::default() }
    }
}

/// Why a rule failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) reason: String,
    pub(crate) is_lasting: bool,
}

/// A look that failed as a whole.
#[derive(Debug, Error)]
pub(crate) enum LookError {
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Hunt(#[from] HuntError),
    /// What was read of the lake is not all that there is.
    #[error("the lake cannot be read: {0}")]
    Unread(String),
}

/// Puts due runs together that lie together.
pub(crate) fn together(mut due: Vec<Due<'_>>) -> Vec<Together<'_>> {
    due.sort_by_key(|due| due.first);
    let mut all: Vec<Together<'_>> = Vec::new();
    for Due { rule, first, last } in due {
        let oldest = first.saturating_sub(rule.period());
        match all.last_mut().filter(|it| oldest <= it.last) {
            Some(it) => {
                it.last = it.last.max(last);
                it.oldest = it.oldest.min(oldest);
                if !it.rules.iter().any(|known| known.id() == rule.id()) {
                    it.rules.push(rule);
                }
            }
            None => all.push(Together { rules: vec![rule], first, last, oldest }),
        }
    }
    all
}

/// Looks at runs that lie together.
///
/// # Errors
///
/// If the lake cannot be read, or the engine fails. A rule that fails by itself is part of what is found.
pub(crate) fn look(
    together: &Together<'_>,
    rules: &Rules,
    lake: &Lake,
    settings: &Settings,
    tuning: &Tuning,
    cancel: &Cancel,
) -> Result<Found, LookError> {
    let Together { rules: due, first, last, oldest } = together;
    let mut inputs = inputs_of(lake, *oldest, *last, Some(due))?;
    if due.iter().any(|rule| rule.reads_ledger()) {
        inputs.extend(lake.ledger_inputs()?);
    }
    let compiled = CompiledRules::of(due.iter().map(|rule| (&rule.packaged, rule.query.clone())));
    let engine = Engine::new(&rules.environment, settings.clone())?.with_cancel(cancel.clone());
    let when = When::Between(*first, *last);
    let mut found = hunt(&engine, &compiled, &[], &inputs, when, &NoProgress)?;
    if let Some(problem) = found.run.balance().problems.first() {
        return Err(LookError::Unread(problem.to_string()));
    }
    let tuned = tuning.apply(std::mem::take(&mut found.alerts));
    let failed = found.failed.iter().map(|failed| {
        let is_lasting = failed.error.of_query().is_some();
        (failed.query, Failed { reason: failed.error.to_string(), is_lasting })
    });
    let mut failed: BTreeMap<usize, Failed> = failed.collect();
    for unfounded in &found.unfounded {
        let is_it = |rule: &&Ready| is_rule(rule, &unfounded.path, &unfounded.name);
        if let Some(at) = due.iter().position(is_it) {
            let reason = "it raises alerts where there is no record at all".to_owned();
            failed.insert(at, Failed { reason, is_lasting: true });
        }
    }
    let took = std::mem::take(&mut found.took);
    Ok(Found { alerts: tuned.alerts, suppressed: tuned.suppressed, failed, took })
}

fn is_rule(rule: &Ready, path: &PathBuf, name: &str) -> bool {
    rule.packaged.path == *path && rule.packaged.rule.name == name
}

/// Returns the files of a lake that may have rows of some times.
///
/// - `rules`: if only those that any of them reads are wanted.
pub(crate) fn inputs_of(
    lake: &Lake,
    oldest: Ticks,
    newest: Ticks,
    rules: Option<&[&Ready]>,
) -> Result<Vec<Input>, LakeError> {
    let mut inputs = lake.inputs(None)?;
    inputs.retain(|input| may_have(input, oldest, newest, rules));
    Ok(inputs)
}

/// Tells whether an input may have rows of some times, of a table that any of the rules reads.
fn may_have(input: &Input, oldest: Ticks, newest: Ticks, rules: Option<&[&Ready]>) -> bool {
    let Input::Kept(kept) = input else { return true };
    // Of a table with other columns of times, windows may be on one of those.
    let is_outside = kept.times.as_ref().is_some_and(|(column, times)| {
        column == "TimeGenerated" && (*times.end() < oldest || newest < *times.start())
    });
    let is_read = |rules: &[&Ready]| rules.iter().any(|rule| rule.reads(&kept.table));
    !is_outside && rules.is_none_or(is_read)
}
