//! The way an intruder took, from host to host: the hops that alerts make, over what the lake has now.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use detection::{CompiledRules, HuntError, When, hunt, tuning::Tuning};
use engine::{Engine, EngineError, NoProgress, Settings};
use kql_types::{Ticks, datetime, timespan};
use lake::{Lake, LakeError};
use lateral::{ObserveError, Observers};
use report::{
    Options, WriteError,
    alerts::{AlertFormat, write},
    findings::Findings,
};
use state::StateError;
use thiserror::Error;

use crate::{
    book::Book,
    look::inputs_of,
    rules::{Ready, Rules},
    running::Observed,
};

/// Returns the hops that rules make.
pub struct Paths {
    lake: Arc<Lake>,
    book: Book,
    observed: Observed,
    settings: Settings,
    /// What was found last; one is looked for at a time.
    last: Mutex<Option<Last>>,
}

/// What was found last, and in what.
#[derive(Debug)]
struct Last {
    span: (Ticks, Ticks),
    version: u64,
    rules: Arc<Rules>,
    hops: Arc<str>,
}

/// Hops that could not be looked for.
#[derive(Debug, Error)]
pub enum PathsError {
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The hunt failed.
    #[error(transparent)]
    Hunt(#[from] HuntError),
    /// What hops are told by cannot be asked for.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// They cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl fmt::Debug for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paths").field("lake", &self.lake).finish_non_exhaustive()
    }
}

impl Paths {
    /// Makes what looks in a lake, with the rules of a watch.
    pub const fn new(lake: Arc<Lake>, book: Book, observed: Observed, settings: Settings) -> Self {
        Self { lake, book, observed, settings, last: Mutex::new(None) }
    }

    /// Returns the time of the newest alert that stands, and a week before it.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn usual_span(&self, now: Ticks) -> Result<(Ticks, Ticks), PathsError> {
        let newest = self.book.newest_alert()?.unwrap_or(now);
        Ok((newest.saturating_sub(timespan::DAY.saturating_mul(7)), newest))
    }

    /// Returns the hops of some time, as a list of JSON objects like those of `quarry hunt --format hops`.
    ///
    /// They are those of a hunt over the lake. What was found last is kept until something comes in.
    ///
    /// # Errors
    ///
    /// Those of the lake and the engine.
    pub fn hops(&self, from: Ticks, to: Ticks, now: Ticks) -> Result<Arc<str>, PathsError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rules) = self.observed.current_rules() else { return Ok("[]".into()) };
        self.lake.update()?;
        let version = self.lake.version()?;
        if let Some(last) = &*last
            && last.span == (from, to)
            && last.version == version
            && Arc::ptr_eq(&last.rules, &rules)
        {
            return Ok(Arc::clone(&last.hops));
        }
        let hops: Arc<str> = self.look(&rules, (from, to), now)?.into();
        let found = Last { span: (from, to), version, rules, hops: Arc::clone(&hops) };
        *last = Some(found);
        Ok(hops)
    }

    fn look(
        &self,
        rules: &Rules,
        (from, to): (Ticks, Ticks),
        now: Ticks,
    ) -> Result<String, PathsError> {
        let ready: Vec<&Ready> = rules.ready.iter().collect();
        let period = ready.iter().map(|rule| rule.period()).max().unwrap_or_default();
        // A row is seen by the runs of the period behind it.
        let last_run = to.saturating_add(period);
        let inputs = inputs_of(&self.lake, from.saturating_sub(period), last_run, None)?;
        let engine = Engine::new(&rules.environment, self.settings.clone())?;
        let observers = Observers::compile(&rules.environment)?;
        let compiled =
            CompiledRules::of(ready.iter().map(|rule| (&rule.packaged, rule.query.clone())));
        let when = When::Between(from, last_run);
        let beside = observers.queries();
        let mut found = hunt(&engine, &compiled, beside, &inputs, when, &NoProgress)?;
        let mut entries = rules.exceptions.clone();
        entries.extend(self.book.exceptions_in_force()?);
        let today = now.saturating_sub(datetime::UNIX_EPOCH).div_euclid(timespan::DAY);
        let tuned = Tuning::new(entries, today).apply(std::mem::take(&mut found.alerts));
        let is_inside = |time: Option<Ticks>| time.is_none_or(|time| (from..=to).contains(&time));
        let alerts: Vec<_> = tuned.alerts.into_iter().filter(|it| is_inside(it.time)).collect();
        let observations = observers.read(&found.run, found.beside, &alerts)?;
        let movement = lateral::trace(&alerts, &observations);
        let findings = Findings { alerts, movement, ..Findings::default() };
        let mut lines = Vec::new();
        write(AlertFormat::Hops, &findings, Options::default(), &mut lines)?;
        let lines = String::from_utf8_lossy(&lines);
        Ok(format!("[{}]", lines.lines().collect::<Vec<_>>().join(",")))
    }
}
