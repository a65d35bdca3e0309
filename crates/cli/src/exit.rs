//! Exit statuses, a contract with scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Finished; nothing found.
    Nothing,
    /// Finished; something found.
    Findings,
    /// A usage, query or input error.
    Error,
    /// Finished, but some input was unreadable.
    Unreadable,
    /// Finished, but some rules did not run.
    RulesLeftOut,
}

impl ExitStatus {
    /// Returns what `--exit-zero` makes of it: findings are success, the rest is as it was.
    pub(crate) const fn or_zero(self) -> Self {
        match self {
            Self::Findings => Self::Nothing,
            other => other,
        }
    }

    /// Returns the status of a run over input: what could not be read outranks what was found.
    pub(crate) const fn of_run(is_clean: bool, has_findings: bool) -> Self {
        match (is_clean, has_findings) {
            (false, _) => Self::Unreadable,
            (true, true) => Self::Findings,
            (true, false) => Self::Nothing,
        }
    }

    /// Returns the status of a run of rules: a rule that did not run outranks input that could not be
    /// read, since what is known of the input then is less than what was asked.
    pub(crate) const fn with_rules(self, all_ran: bool) -> Self {
        if all_ran { self } else { Self::RulesLeftOut }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Nothing => 0,
            ExitStatus::Findings => 1,
            ExitStatus::Error => 2,
            ExitStatus::Unreadable => 3,
            ExitStatus::RulesLeftOut => 4,
        })
    }
}
