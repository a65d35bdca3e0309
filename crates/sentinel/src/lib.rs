//! Microsoft Sentinel's semantics of analytics rules: when a rule runs and what it sees, which alerts a
//! run's rows raise, which incidents alerts become, and the rows that Sentinel writes of all that.
//!
//! In: a [`Rule`] and the rows that its query found in each run, as plain data. Out: [`Alert`]s,
//! [`Incident`]s, and rows of `SecurityAlert`, `SecurityIncident` and `SentinelHealth`. Runs no query,
//! asks no clock and reads no file; ids are made of what they stand for, so that the same input has the
//! same output. Where Microsoft's documentation is silent, [`Assumptions`] has a choice by name.
//!
//! Sources: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>,
//! <https://learn.microsoft.com/azure/sentinel/near-real-time-rules>,
//! <https://learn.microsoft.com/azure/sentinel/entities-reference>,
//! <https://learn.microsoft.com/azure/sentinel/security-alert-schema>.

mod alert;
mod assumptions;
mod failure;
mod id;
mod incident;
mod row;
mod rule;
mod rule_runs;
mod schedule;
pub mod table;

pub use crate::{
    alert::{Alert, AlertKind, DropReason, DroppedEntity, Entity, Losses, Raised, RunOfRule},
    assumptions::{Assumption, Assumptions, UnknownAssumption},
    failure::{Attempt, Failure, FailureKind},
    incident::{Change, ChangeKind, Incident, Incidents},
    row::{Row, Rows},
    rule::{EntityMapping, Kind, Rule, Severity, UnknownSeverity},
    rule_runs::{Begun, RuleRuns, RunStatus},
    schedule::{Schedule, runs},
};
pub use rule_file::TriggerOperator;
