//! Validation in a lab: what a test of the technique was expected to leave in the logs, and what it left.
//!
//! In go a package's `validation.yaml` ([`Plan`]) and the logs of hosts on which its tests were run; out
//! comes per test which expected signals were recorded and where, what would have to be switched on for
//! those that were not, and which rules fired. Runs no test itself: it reads what was recorded.

mod attempt;
mod binding;
mod event;
mod hit;
mod inventory;
mod outcome;
mod pattern;
mod plan;
mod question;

pub use self::{
    inventory::{Missing, Remedy},
    outcome::{
        AttemptOutcome, FiredAlert, HuntFacts, OtherAlerts, RuleFacts, RuleOutcome, RuleState,
        SignalOutcome, SourceOutcome, SourceState, TestOutcome, ValidationReport,
    },
    plan::{HostRole, LabTest, Plan, PlanError, Procedure},
    question::{ValidateError, Validator},
};
