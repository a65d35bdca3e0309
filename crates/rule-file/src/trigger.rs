//! When a run raises alerts: its number of rows, compared to the rule's threshold.

/// How a run's number of rows compares to the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriggerOperator {
    /// More rows than the threshold.
    #[default]
    GreaterThan,
    /// Fewer.
    LessThan,
    /// As many.
    Equal,
    /// More or fewer.
    NotEqual,
}

impl TriggerOperator {
    /// Reads the name that a rule has for it, in YAML or as the API writes it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "gt" | "GreaterThan" => Some(Self::GreaterThan),
            "lt" | "LessThan" => Some(Self::LessThan),
            "eq" | "Equal" => Some(Self::Equal),
            "ne" | "NotEqual" => Some(Self::NotEqual),
            _ => None,
        }
    }

    /// Tells whether a run with so many rows raises alerts.
    pub const fn is_met(self, rows: u64, threshold: u64) -> bool {
        match self {
            Self::GreaterThan => rows > threshold,
            Self::LessThan => rows < threshold,
            Self::Equal => rows == threshold,
            Self::NotEqual => rows != threshold,
        }
    }

    /// Returns the name that the tables of Sentinel have for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GreaterThan => "GreaterThan",
            Self::LessThan => "LessThan",
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::OPERATORS;

    #[test]
    fn every_operator_that_a_rule_may_have_is_read() {
        for (short, long) in OPERATORS {
            assert_eq!(TriggerOperator::parse(short).map(TriggerOperator::name), Some(long));
            assert_eq!(TriggerOperator::parse(long), TriggerOperator::parse(short));
        }
        assert_eq!(TriggerOperator::parse("GREATER"), None);
    }

    #[test]
    fn a_trigger_compares_the_rows_of_one_run_to_the_threshold() {
        use TriggerOperator::{Equal, GreaterThan, LessThan, NotEqual};
        for (operator, rows, threshold, is_met) in [
            (GreaterThan, 1, 0, true),
            (GreaterThan, 0, 0, false),
            (LessThan, 0, 1, true),
            (LessThan, 1, 1, false),
            (Equal, 2, 2, true),
            (Equal, 2, 1, false),
            (NotEqual, 2, 1, true),
            (NotEqual, 1, 1, false),
        ] {
            assert_eq!(operator.is_met(rows, threshold), is_met, "{operator:?} {rows} {threshold}");
        }
    }
}
