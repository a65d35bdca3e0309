//! Detection packages: rules, when they run, and the alerts they raise.
//!
//! In: packages and rules as files, an [`engine::Engine`] and inputs. Out: [`alert::Alert`]s with
//! the records they rest on. Decides nothing about KQL and prints nothing.

pub mod alert;
mod as_sentinel;
mod builtin;
mod hunt;
pub mod investigation;
mod log_name;
mod package;
mod records;
mod rule;
mod rules_of_file;
mod runs;
pub mod simulate;
pub mod testing;
pub mod tuning;
pub mod validation;

pub use crate::{
    as_sentinel::as_sentinel,
    builtin::FILES as BUILTIN_FILES,
    hunt::{
        CompiledRules, FailedRule, Found, HuntError, RefusedRule, UnfoundedRule, When, hunt,
        hunt_at_every_run,
    },
    package::{
        Behaviour, Change, Notes, Package, PackageError, PackagedRule, PlaybookStep, Seen,
        SeenBehaviour, Survivor, Threat,
    },
    records::{CitedRecord, cited_records, cited_records_of},
    rule::{EntityMapping, FieldMapping, Rule, RuleError},
    rules_of_file::RulesOfFile,
};
pub use rule_file::{Foreign, Period};
pub use sentinel::TriggerOperator;
