//! Why runs fail, and the times at which they were tried.

use kql_types::Ticks;

/// Whether a run that failed may do better later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It may: the workspace could not be reached, say.
    Transient,
    /// It will not: a table, a function or a permission is gone, or the query asks for too much.
    Permanent,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether it may do better later.
    pub kind: FailureKind,
    /// The reason; failures of one type have the same.
    pub reason: String,
}

/// A time at which a run was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The time.
    pub time: Ticks,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Sentinel has disabled the rule after it.
    pub disables_rule: bool,
}
