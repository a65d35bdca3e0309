//! The watch: what is due, when it is looked at, and what happens if that fails.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use detection::tuning::{Entry, Tuning};
use engine::{Cancel, Settings};
use kql_types::{Ticks, datetime, timespan};
use lake::Lake;
use state::{State, sqlite::params};

use crate::{
    book::{Book, RunEntry, write_run},
    error::WatchError,
    intervals::Intervals,
    look::{Due, Failed, Found, LookError, Together, look, together},
    pending::Pending,
    raised::{LookedAt, New, Writing},
    rules::{Ready, Rules},
};

const SECOND: Ticks = timespan::DAY / 86_400;
const MINUTE: Ticks = 60 * SECOND;

/// How long a look may take.
const LONGEST_LOOK: Duration = Duration::from_mins(15);

/// How long it is, at least, from a look of a rule for rows that came late to the next.
const BETWEEN_LATE_LOOKS: Ticks = MINUTE;

/// How long it is, at most, until a rule that failed is tried again.
const LONGEST_WAIT: Ticks = 60 * MINUTE;

/// How long runs are remembered that had nothing to see or found nothing.
const REMEMBERED: Ticks = 90 * timespan::DAY;

/// Watches a lake with rules.
#[derive(Debug)]
pub struct Watch {
    lake: Arc<Lake>,
    state: Arc<State>,
    book: Book,
    settings: Settings,
    rules: Arc<Rules>,
    sinks: Vec<String>,
    pending: Pending,
    /// By rule.
    looked: BTreeMap<String, LastLook>,
    /// Since when a rule has had runs that are due.
    waiting: BTreeMap<String, Ticks>,
    /// No look begins before this: looks take half of the time at most.
    rests_until: Ticks,
    /// Rules are looked with one by one, since a look with all of them did not end in time.
    is_alone: bool,
}

/// When a rule was last looked with.
#[derive(Clone, Copy, Debug)]
struct LastLook {
    at: Ticks,
    /// The last run of its schedule until then.
    slot: Ticks,
    /// Failures in a row.
    failures: u32,
}

/// What a turn of the watch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Rows that had come in.
    pub rows: u64,
    /// Rules that were looked with.
    pub rules: usize,
    /// Alerts that are new.
    pub alerts: usize,
    /// Alerts that are new and set aside.
    pub suppressed: usize,
    /// Rules that failed.
    pub failed: usize,
}

/// Ends a watch.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Stopping>);

#[derive(Debug, Default)]
struct Stopping {
    is_stopped: AtomicBool,
    /// Ends the look that is under way.
    look: Mutex<Option<Cancel>>,
    waiting: Mutex<()>,
    told: Condvar,
}

impl Stop {
    /// Ends it. What is under way is given up, as if it had not begun.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::SeqCst);
        if let Some(look) = &*self.0.look.lock().unwrap_or_else(PoisonError::into_inner) {
            look.cancel();
        }
        self.0.told.notify_all();
    }

    /// Tells whether it has ended.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::SeqCst)
    }

    /// Waits, for so long or until the end.
    pub fn wait(&self, time: Duration) {
        let waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_stopped() {
            drop(self.0.told.wait_timeout(waiting, time));
        }
    }

    fn set_look(&self, look: Option<Cancel>) {
        *self.0.look.lock().unwrap_or_else(PoisonError::into_inner) = look;
    }
}

impl Watch {
    /// Takes up a watch where it was left.
    ///
    /// - `sinks`: the names of those that take alerts.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn new(
        lake: Arc<Lake>,
        state: Arc<State>,
        rules: Rules,
        settings: Settings,
        sinks: Vec<String>,
        now: Ticks,
    ) -> Result<Self, WatchError> {
        let pending = Pending::load(&state, &lake)?;
        let book = Book::new(Arc::clone(&state));
        let mut watch = Self {
            lake,
            state,
            book,
            settings,
            rules: Arc::new(rules),
            sinks,
            pending,
            looked: BTreeMap::new(),
            waiting: BTreeMap::new(),
            rests_until: Ticks::MIN,
            is_alone: false,
        };
        watch.take_up_rules(now)?;
        Ok(watch)
    }

    /// Watches with other rules from now on.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn set_rules(&mut self, rules: Rules, now: Ticks) -> Result<(), WatchError> {
        self.rules = Arc::new(rules);
        self.take_up_rules(now)
    }

    /// Returns the rules.
    pub const fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Has rules that are there for the first time, or again, look at all there is.
    fn take_up_rules(&mut self, now: Ticks) -> Result<(), WatchError> {
        let pending = &self.pending;
        let added = self.book.register(&self.rules, |rule| pending.of_all(rule), now)?;
        let is_added = |rule: &&Ready| added.iter().any(|id| id == rule.id());
        let rules = Arc::clone(&self.rules);
        for rule in rules.ready.iter().filter(is_added) {
            let runs = self.pending.of_all(rule);
            self.pending.set(rule.id(), runs);
        }
        Ok(())
    }

    /// Takes a turn: takes note of what has come in, and looks at the runs that are due.
    ///
    /// # Errors
    ///
    /// Those of the lake and the state. What was not done is done in the next turn.
    pub fn turn(&mut self, clock: &dyn Fn() -> Ticks, stop: &Stop) -> Result<Looked, WatchError> {
        let rules = Arc::clone(&self.rules);
        let rows = self.pending.follow(&self.lake, &rules, &self.state)?;
        let mut looked = Looked { rows, ..Looked::default() };
        let now = clock();
        let Turn { due, idle, waiting } = self.due(&rules, now)?;
        self.waiting.retain(|rule, _| waiting.iter().any(|id| id == rule));
        for rule in waiting {
            self.waiting.entry(rule.to_owned()).or_insert(now);
        }
        self.pass(&idle, now)?;
        if due.is_empty() || now < self.rests_until {
            return Ok(looked);
        }
        let all = if self.is_alone {
            due.into_iter().flat_map(|due| together(vec![due])).collect()
        } else {
            together(due)
        };
        for together in &all {
            let new = self.look_at(together, &rules, clock, stop)?;
            if stop.is_stopped() {
                return Ok(looked);
            }
            looked.rules = looked.rules.saturating_add(together.rules.len());
            looked.alerts = looked.alerts.saturating_add(new.alerts);
            looked.suppressed = looked.suppressed.saturating_add(new.suppressed);
            looked.failed = looked.failed.saturating_add(new.failed);
        }
        self.is_alone &= looked.failed > 0;
        let ended = clock();
        self.rests_until = ended.saturating_add(ended.saturating_sub(now));
        Ok(looked)
    }

    /// Returns the runs that are due, and the rules of which none has anything to see.
    fn due<'r>(&self, rules: &'r Rules, now: Ticks) -> Result<Turn<'r>, WatchError> {
        let states = self.book.rule_states()?;
        let mut turn = Turn::default();
        for rule in &rules.ready {
            let state = states.get(rule.id()).copied().unwrap_or_default();
            if state.is_disabled {
                continue;
            }
            let runs = self.pending.of(rule.id()).map(|runs| runs.up_to(now)).unwrap_or_default();
            // An interval may end before the next run of the schedule.
            let has_run = |(first, last): &(Ticks, Ticks)| rule.run_from(*first) <= *last;
            let runs: Vec<(Ticks, Ticks)> = runs.into_iter().filter(has_run).collect();
            if runs.is_empty() {
                turn.idle.push((rule, state.covered));
                continue;
            }
            turn.waiting.push(rule.id());
            if self.is_time(rule, now) {
                let due = runs.into_iter().map(|(first, last)| Due { rule, first, last });
                turn.due.extend(due);
            }
        }
        Ok(turn)
    }

    /// Tells whether a rule with runs that are due is looked with now: when a run of its schedule is due, or else
    /// some time after it was last looked with, or has failed.
    fn is_time(&self, rule: &Ready, now: Ticks) -> bool {
        let Some(last) = self.looked.get(rule.id()) else { return true };
        let since = now.saturating_sub(last.at);
        if last.failures > 0 {
            let doubled = MINUTE.checked_shl(last.failures.min(20)).unwrap_or(LONGEST_WAIT);
            return since >= doubled.min(LONGEST_WAIT);
        }
        let slot = rule.run_until(now);
        slot > last.slot || since >= BETWEEN_LATE_LOOKS.min(rule.frequency())
    }

    /// Writes that runs had nothing to see.
    fn pass(&self, idle: &[(&Ready, Option<Ticks>)], now: Ticks) -> Result<(), WatchError> {
        let passed = |(rule, covered): &&(&Ready, Option<Ticks>)| {
            covered.is_none_or(|covered| covered < rule.run_until(now))
        };
        let passed: Vec<_> = idle.iter().filter(passed).collect();
        if passed.is_empty() {
            return Ok(());
        }
        self.state.write(|change| {
            passed.iter().try_for_each(|(rule, covered)| {
                let last = rule.run_until(now);
                let first = covered.map_or(last, |run| run.saturating_add(rule.frequency()));
                let nothing = RunEntry::of_nothing(rule.id(), (first, last), now);
                write_run(change, &nothing)
            })
        })?;
        Ok(())
    }

    /// Looks at runs that lie together, and writes what is found.
    fn look_at(
        &mut self,
        together: &Together<'_>,
        rules: &Rules,
        clock: &dyn Fn() -> Ticks,
        stop: &Stop,
    ) -> Result<New, WatchError> {
        let now = clock();
        let entries = self.exceptions()?;
        let today = now.saturating_sub(datetime::UNIX_EPOCH).div_euclid(timespan::DAY);
        let tuning = Tuning::new(entries, today);
        let (found, is_too_long) = self.look(together, rules, &tuning, stop);
        if stop.is_stopped() {
            return Ok(New::default());
        }
        let found = found.unwrap_or_else(|error| {
            tracing::error!(%error, rules = together.rules.len(), "a look failed");
            // Of several rules nobody knows which it was: each is looked with by itself.
            self.is_alone |= is_too_long;
            let is_lasting = is_too_long && together.rules.len() == 1;
            let reason = if is_too_long {
                format!("it took longer than {} minutes", LONGEST_LOOK.as_secs() / 60)
            } else {
                error.to_string()
            };
            Found::failed(together.rules.len(), &Failed { reason, is_lasting })
        });
        let looked_at = self.looked_at(together, now)?;
        let left: Vec<(String, Intervals)> =
            looked_at.iter().map(|it| (it.rule.id().to_owned(), it.left.clone())).collect();
        let writing = Writing {
            rules: looked_at,
            found: &found,
            started: now,
            ended: clock(),
            sinks: &self.sinks,
        };
        let new = self.state.write(|change| writing.write(change))?;
        for (place, (rule, left)) in left.into_iter().enumerate() {
            let has_failed = found.failed.contains_key(&place);
            let failures = match self.looked.get(&rule) {
                Some(last) if has_failed => last.failures.saturating_add(1),
                _ => u32::from(has_failed),
            };
            let slot = together.rules.get(place).map_or(now, |rule| rule.run_until(now));
            if !has_failed {
                self.pending.set(&rule, left);
                self.waiting.remove(&rule);
            }
            self.looked.insert(rule, LastLook { at: clock(), slot, failures });
        }
        Ok(new)
    }

    /// Looks, for as long as a look may take. Returns also whether it took longer.
    fn look(
        &self,
        together: &Together<'_>,
        rules: &Rules,
        tuning: &Tuning,
        stop: &Stop,
    ) -> (Result<Found, LookError>, bool) {
        let cancel = Cancel::default();
        stop.set_look(Some(cancel.clone()));
        let (done, is_done) = mpsc::channel::<()>();
        let looked = thread::scope(|scope| {
            let cancel_overdue = cancel.clone();
            let overdue = scope.spawn(move || {
                let is_overdue =
                    is_done.recv_timeout(LONGEST_LOOK) == Err(RecvTimeoutError::Timeout);
                if is_overdue {
                    cancel_overdue.cancel();
                }
                is_overdue
            });
            let found = look(together, rules, &self.lake, &self.settings, tuning, &cancel);
            drop(done);
            (found, overdue.join().unwrap_or(false))
        });
        stop.set_look(None);
        looked
    }

    /// Returns the rules of a look, with what of them is left when it is done.
    fn looked_at<'r>(
        &self,
        together: &Together<'r>,
        now: Ticks,
    ) -> Result<Vec<LookedAt<'r>>, WatchError> {
        let states = self.book.rule_states()?;
        let looked_at = |rule: &&'r Ready| {
            let pending = self.pending.of(rule.id()).cloned().unwrap_or_default();
            let due = pending.up_to(together.last).first().map_or(together.first, |it| it.0);
            let due = rule.run_from(due);
            let covered = states.get(rule.id()).and_then(|state| state.covered);
            let next = covered.map_or(due, |run| run.saturating_add(rule.frequency()));
            let mut left = pending;
            left.remove_up_to(together.last);
            let last = rule.run_until(together.last);
            let is_late = due.saturating_add(rule.frequency()) <= now;
            LookedAt { rule, first: due.min(next).min(last), last, is_late, left }
        };
        Ok(together.rules.iter().map(looked_at).collect())
    }

    /// Returns the exceptions that come with the rules, and those that people have made.
    fn exceptions(&self) -> Result<Vec<Entry>, WatchError> {
        let mut all = self.rules.exceptions.clone();
        all.extend(self.book.exceptions_in_force()?);
        Ok(all)
    }

    /// Returns for how long the rule has been waiting that has runs due and waits for longest.
    pub(crate) fn lag(&self, now: Ticks) -> Ticks {
        let since = self.waiting.values().map(|since| now.saturating_sub(*since));
        since.max().unwrap_or_default()
    }

    /// Forgets runs of long ago that found nothing.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn forget(&self, now: Ticks) -> Result<(), WatchError> {
        let old = now.saturating_sub(REMEMBERED);
        let forget = "DELETE FROM run WHERE ended < ?1 AND alerts = 0 AND suppressed = 0";
        self.state.write(|change| change.execute(forget, params![old]))?;
        Ok(())
    }
}

/// What there is to do in a turn.
#[derive(Debug, Default)]
struct Turn<'r> {
    due: Vec<Due<'r>>,
    /// Rules without anything to see, each with the last run that is in the account.
    idle: Vec<(&'r Ready, Option<Ticks>)>,
    /// Rules with runs that are due.
    waiting: Vec<&'r str>,
}
