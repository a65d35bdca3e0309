//! What a case says that a rule has to do over time, as its suite has it.

use kql_types::{Ticks, timespan};
use rule_file::Period;
use sentinel::RunStatus;
use serde::{Deserialize, Deserializer, de::Error as _};

/// What a rule has to do over time. What is not stated is not compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedOverTime {
    /// When the rule first runs, after the case begins.
    pub first: Span,
    /// The last time at which it may run, after the case begins.
    pub until: Span,
    /// Each finding once and without losses, instead of Sentinel's way.
    #[serde(default)]
    pub strict: bool,
    /// Its runs; those that are not stated have to be `ok`, without rows and alerts.
    #[serde(default)]
    pub runs: Option<Vec<ExpectedRun>>,
    /// How many alerts it raises.
    #[serde(default)]
    pub alerts: Option<usize>,
    /// How many of them cite only what earlier ones had cited.
    #[serde(default)]
    pub repeated: Option<usize>,
    /// How many incidents they become.
    #[serde(default)]
    pub incidents: Option<usize>,
}

/// What a run has to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRun {
    /// When it is scheduled, after the case begins.
    pub at: Span,
    /// How many rows it has.
    #[serde(default)]
    pub rows: Option<u64>,
    /// How many alerts it raises.
    #[serde(default)]
    pub alerts: Option<usize>,
    /// How it goes.
    #[serde(default)]
    pub status: Option<Status>,
}

/// How a run goes: `ok`, `suppressed`, `skipped`, `failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub RunStatus);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let status = RunStatus::ALL.into_iter().find(|status| status.name() == text);
        status.map(Self).ok_or_else(|| {
            let all = RunStatus::ALL.map(|status| format!("`{}`", status.name())).join(", ");
            D::Error::custom(format!("`{text}` is not how a run goes: expected one of {all}"))
        })
    }
}

/// A length of time: `90s`, `10m`, `2h`, `1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Ticks);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let seconds = || text.strip_suffix('s')?.parse::<i64>().ok()?.checked_mul(timespan::SECOND);
        let span = Period::parse(&text).map(Period::ticks).or_else(seconds);
        let span = span.or_else(|| (text == "0").then_some(0)).filter(|span| *span >= 0);
        span.map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a length of time: expected `90s`, `10m` or `2h`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_that_is_none_is_named() {
        let read = |text: &str| {
            serde_saphyr::from_str::<ExpectedOverTime>(&format!("{{first: {text}, until: 1h}}"))
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("90s").unwrap().first, Span(90 * timespan::SECOND));
        assert!(read("soon").unwrap_err().contains("`soon` is not a length of time"));
        assert!(read("-5m").is_err());
        assert!(serde_saphyr::from_str::<ExpectedOverTime>("{first: 1m}").is_err());
    }

    #[test]
    fn how_a_run_goes_is_one_of_the_ways_that_there_are() {
        let read = |text: &str| {
            serde_saphyr::from_str::<ExpectedRun>(&format!("{{at: 5m, status: {text}}}"))
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("skipped").unwrap().status, Some(Status(RunStatus::Skipped)));
        assert!(read("fine").unwrap_err().contains("one of `ok`, `suppressed`, `skipped`"));
    }
}
