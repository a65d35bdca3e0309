//! A package's own tests: telemetry, what has to fire on it and what has to stay quiet.
//!
//! In go the suites under `tests/`; all cases run in one hunt, each with hosts and addresses of its
//! own, so that no case sees another's records. Out comes what fired where, what is wrong with that,
//! which behaviours are covered by which events, and which predicates no test would miss. What a case says
//! of rules over time is simulated over the records of that case alone.

mod coverage;
mod evasion;
mod exceptions;
mod mutation;
mod outcome;
mod over_time;
mod run;
mod telemetry;

pub use crate::package::{
    Case, ExpectedOverTime, ExpectedRun, ExpectedSeverity, Span, Status, Suite, SuiteError,
};

pub use self::{
    coverage::Coverage,
    evasion::{
        EvasionError, EvasionReport, Evasions, KindOutcome, Miss, Party, Reason, Scene, Share,
        evade,
    },
    mutation::{Mutant, MutationReport, mutate},
    outcome::{CaseOutcome, Fired, TestReport},
    run::{TestError, TestSettings, run},
    telemetry::lines as telemetry,
};
