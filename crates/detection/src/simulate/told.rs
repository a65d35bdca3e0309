//! What a simulation tells, as it comes.

use kql_types::Ticks;
use sentinel::{Alert, Attempt, Incident, Raised, Rule, RunStatus};

use super::Mode;
use crate::alert::Evidence;

/// Something that happens in a simulation.
#[derive(Debug)]
pub enum Told<'a> {
    /// A rule begins. Its runs come next.
    Rule(SimulatedHistory<'a>),
    /// A rule runs, or does not.
    Run(SimulatedRun<'a>),
    /// A run raises an alert. It comes after its run.
    Alert(SimulatedAlert<'a>),
    /// An incident, as it is at the end.
    Incident(SimulatedIncident<'a>),
    /// From which delay on the records of a rule are missed, at the end.
    Late(SimulatedLateness<'a>),
}

/// What a rule's runs lie on.
#[derive(Debug)]
pub struct SimulatedHistory<'a> {
    /// The mode.
    pub mode: Mode,
    /// The rule.
    pub rule: &'a Rule,
    /// The times of the records that the rule looks at, in order and each once.
    pub times: &'a [Ticks],
}

/// A run of a rule.
#[derive(Debug)]
pub struct SimulatedRun<'a> {
    /// The mode.
    pub mode: Mode,
    /// The rule.
    pub rule: &'a Rule,
    /// When it was scheduled.
    pub scheduled: Ticks,
    /// From when to when it looks.
    pub window: (Ticks, Ticks),
    /// The rows of the query's result; none if it did not run.
    pub rows: u64,
    /// How it went.
    pub status: RunStatus,
    /// The times at which it was tried, in order; none if it was not.
    pub attempts: &'a [Attempt],
    /// Its alerts.
    pub raised: &'a Raised,
    /// How many of them cite only what alerts of earlier runs had cited.
    pub repeated: usize,
}

/// An alert of a run.
#[derive(Debug)]
pub struct SimulatedAlert<'a> {
    /// The mode.
    pub mode: Mode,
    /// The rule.
    pub rule: &'a Rule,
    /// The alert.
    pub alert: &'a Alert,
    /// The records that it rests on, in order of file and place.
    pub evidence: Vec<Evidence>,
    /// The times of these records, in order and each once.
    pub times: Vec<Ticks>,
    /// It cites only what alerts of earlier runs had cited.
    pub is_repeated: bool,
}

/// An incident.
#[derive(Debug)]
pub struct SimulatedIncident<'a> {
    /// The mode.
    pub mode: Mode,
    /// The rule.
    pub rule: &'a Rule,
    /// The incident.
    pub incident: &'a Incident,
    /// Its number among all incidents of the mode, from 1.
    pub number: i32,
}

/// From which ingestion delay on the records of a rule are missed.
#[derive(Debug)]
pub struct SimulatedLateness<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The records, in order of file and place.
    pub records: &'a [LateRecord],
}

/// How late a record may be for its rule to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateRecord {
    /// The record.
    pub record: Evidence,
    /// The delay that it has.
    pub delay: Ticks,
    /// Some alert cites it, with the delays that records have.
    pub is_detected: bool,
    /// The longest delay of those simulated at which some alert cites it; `None` if there is none, and it
    /// is found only where records have different delays.
    pub found_at: Option<Ticks>,
    /// The delay of those simulated from which on none does; `None` if it is found at the longest.
    pub missed_from: Option<Ticks>,
}
