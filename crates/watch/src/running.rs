//! A watch that runs until it is told to end, and what there is to know of it meanwhile.

use std::{
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use kql_types::{Ticks, timespan};
use serde::Serialize;

use crate::{
    book::maybe_time,
    deliveries::Outbox,
    rules::{Refused, Rules},
    watch::{Looked, Stop, Watch},
};

/// How long it is from turn to turn.
const BETWEEN_TURNS: Duration = Duration::from_secs(1);

/// How long it is until a turn that failed is taken again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How long it is from delivering to delivering.
const BETWEEN_DELIVERIES: Duration = Duration::from_millis(500);

/// How long it is from forgetting what is old to forgetting.
const BETWEEN_FORGETTING: Ticks = timespan::DAY / 24;

/// Where the rules come from.
pub trait RuleSource: Send {
    /// Returns the rules if they have changed since they were last asked for.
    ///
    /// # Errors
    ///
    /// If what is there now cannot be taken, in words: the rules stay as they are.
    fn changed(&mut self) -> Result<Option<Rules>, String>;
}

/// What there is to know of a watch that runs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// When its last turn ended.
    #[serde(serialize_with = "maybe_time")]
    pub last_turn: Option<Ticks>,
    /// Why its last turn failed, if it did.
    pub error: Option<String>,
    /// Why the rules could not be loaded anew, if they could not.
    pub rules_error: Option<String>,
    /// Rules that run.
    pub rules: usize,
    /// Rules that do not, and why.
    pub refused: Vec<RefusedRow>,
    /// Turns since the start.
    pub turns: u64,
    /// Rows that have come in since the start.
    pub rows: u64,
    /// Rules that were looked with since the start, each time counted.
    pub looks: u64,
    /// Alerts since the start.
    pub alerts: u64,
    /// Alerts set aside since the start.
    pub suppressed: u64,
    /// Failures of rules since the start.
    pub failures: u64,
    /// For how long the run has been due that is due for longest, in seconds; 0 if none is.
    pub lag_seconds: f64,
}

/// A rule that does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Why.
    pub reasons: Vec<String>,
}

impl From<&Refused> for RefusedRow {
    fn from(refused: &Refused) -> Self {
        let Refused { id, name, path, reasons } = refused.clone();
        Self { id, name, path, reasons }
    }
}

/// What others may know of a watch that runs.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    status: Arc<Mutex<Status>>,
    rules: Arc<Mutex<Option<Arc<Rules>>>>,
}

impl Observed {
    /// Returns what there is to know now.
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends it in Prometheus' text format.
    pub fn write_metrics(&self, out: &mut String) {
        let status = self.status();
        let count = |what: u64| what.to_string();
        let metrics = [
            ("rules", "gauge", "Rules that run.", status.rules.to_string()),
            ("refused_rules", "gauge", "Rules that do not.", status.refused.len().to_string()),
            ("turns_total", "counter", "Turns of the watch.", count(status.turns)),
            ("rows_total", "counter", "Rows that the watch has taken note of.", count(status.rows)),
            ("looks_total", "counter", "Rules looked with.", count(status.looks)),
            ("alerts_total", "counter", "Alerts raised.", count(status.alerts)),
            ("suppressed_total", "counter", "Alerts set aside.", count(status.suppressed)),
            ("failures_total", "counter", "Failures of rules.", count(status.failures)),
            (
                "lag_seconds",
                "gauge",
                "For how long the run has been due that is due for longest.",
                format!("{:.3}", status.lag_seconds),
            ),
        ];
        for (name, kind, help, value) in metrics {
            // Writing to a string cannot fail.
            let _infallible = write!(
                out,
                "# HELP quarry_watch_{name} {help}\n# TYPE quarry_watch_{name} {kind}\nquarry_watch_{name} {value}\n"
            );
        }
    }

    fn change(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns the rules that are watched with, once the watch has begun.
    pub(crate) fn current_rules(&self) -> Option<Arc<Rules>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn rules(&self, rules: &Arc<Rules>) {
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(rules));
        self.change(|status| {
            status.rules = rules.len();
            status.refused = rules.refused.iter().map(RefusedRow::from).collect();
        });
    }

    fn looked(&self, looked: Looked, lag: Ticks, now: Ticks) {
        let add = |total: &mut u64, more: usize| {
            *total = total.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        };
        self.change(|status| {
            status.last_turn = Some(now);
            status.error = None;
            status.turns = status.turns.saturating_add(1);
            status.rows = status.rows.saturating_add(looked.rows);
            add(&mut status.looks, looked.rules);
            add(&mut status.alerts, looked.alerts);
            add(&mut status.suppressed, looked.suppressed);
            add(&mut status.failures, looked.failed);
            status.lag_seconds =
                Duration::from_micros(u64::try_from(lag / 10).unwrap_or_default()).as_secs_f64();
        });
    }
}

/// Watches and delivers until the end, on this thread and another one.
pub fn run(
    mut watch: Watch,
    outbox: &Outbox,
    source: &mut dyn RuleSource,
    clock: fn() -> Ticks,
    observed: &Observed,
    stop: &Stop,
) {
    observed.rules(watch.rules());
    thread::scope(|scope| {
        let delivering = thread::Builder::new().name("outbox".to_owned());
        let delivering =
            delivering.spawn_scoped(scope, || deliver_until_stopped(outbox, clock, stop));
        if let Err(error) = delivering {
            observed.change(|status| status.error = Some(error.to_string()));
            return;
        }
        let mut forgot = Ticks::MIN;
        while !stop.is_stopped() {
            reload(&mut watch, source, clock, observed);
            let turn = watch.turn(&clock, stop);
            let now = clock();
            let pause = match turn {
                Ok(looked) => {
                    if looked.alerts > 0 || looked.failed > 0 {
                        tracing::info!(
                            alerts = looked.alerts,
                            suppressed = looked.suppressed,
                            failed = looked.failed,
                            "looked"
                        );
                    }
                    observed.looked(looked, watch.lag(now), now);
                    BETWEEN_TURNS
                }
                Err(error) => {
                    tracing::error!(%error, "a turn of the watch failed");
                    observed.change(|status| status.error = Some(error.to_string()));
                    AFTER_FAILURE
                }
            };
            if now.saturating_sub(forgot) > BETWEEN_FORGETTING {
                forgot = now;
                let forgotten = watch.forget(now).map_err(|error| error.to_string());
                let forgotten =
                    forgotten.and_then(|()| outbox.forget(now).map_err(|error| error.to_string()));
                if let Err(error) = forgotten {
                    tracing::error!(error, "what is old could not be forgotten");
                }
            }
            stop.wait(pause);
        }
    });
}

fn reload(
    watch: &mut Watch,
    source: &mut dyn RuleSource,
    clock: fn() -> Ticks,
    observed: &Observed,
) {
    match source.changed() {
        Ok(None) => {}
        Ok(Some(rules)) => {
            tracing::info!(rules = rules.len(), refused = rules.refused.len(), "rules were loaded");
            let taken = watch.set_rules(rules, clock());
            observed.rules(watch.rules());
            let error = taken.err().map(|error| error.to_string());
            observed.change(|status| status.rules_error = error);
        }
        Err(error) => {
            tracing::error!(error, "the rules stay as they were");
            observed.change(|status| status.rules_error = Some(error));
        }
    }
}

fn deliver_until_stopped(outbox: &Outbox, clock: fn() -> Ticks, stop: &Stop) {
    loop {
        // What was found last is delivered before the end.
        let is_last = stop.is_stopped();
        match outbox.deliver(clock()) {
            Ok(0) | Err(_) if is_last => return,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "what has to be delivered is not known"),
        }
        if is_last {
            return;
        }
        stop.wait(BETWEEN_DELIVERIES);
    }
}
