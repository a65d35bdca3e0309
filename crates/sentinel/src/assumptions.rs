//! What Microsoft's documentation does not say, and what is taken instead: one choice each, by name.
//!
//! Every simulation prints them beside its results.

use std::fmt;

use kql_types::{Ticks, timespan};
use rule_file::Period;

use crate::failure::FailureKind;

/// Defines a choice: its options, each with the name that people give it.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$option_doc:meta])* $option:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$option_doc])* $option,)+
        }

        impl Choice for $name {
            const NAMES: &'static [&'static str] = &[$($text),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$option => $text,)+
                }
            }

            fn parse(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$option),)+
                    _ => None,
                }
            }
        }
    };
}

trait Choice: Copy + 'static {
    const NAMES: &'static [&'static str];

    fn name(self) -> &'static str;

    fn parse(name: &str) -> Option<Self>;
}

choice! {
    /// Which of the two edges of its window belong to a run.
    WindowEdges {
        /// The end alone, so that two windows side by side share nothing.
        OpenStart = "open-start",
        /// The start alone.
        OpenEnd = "open-end",
        /// Both.
        Closed = "closed",
    }
}

choice! {
    /// One of the two times of a run.
    Moment {
        /// The time that the schedule has.
        Scheduled = "scheduled",
        /// When it executes, minutes later.
        Executed = "executed",
    }
}

choice! {
    /// In which order the rows of a run raise alerts.
    RowOrder {
        /// Oldest first.
        OldestFirst = "oldest-first",
        /// Newest first.
        NewestFirst = "newest-first",
    }
}

choice! {
    /// Which rows of an alert have a say in its name, description and properties.
    ValuesOfRows {
        /// All, each value once.
        All = "all",
        /// The first that has a value.
        First = "first",
    }
}

choice! {
    /// The times of an alert whose rows have no `TimeGenerated`.
    MissingTimes {
        /// The start and the end of what the run looks at.
        Window = "window",
        /// The scheduled time of the run.
        Run = "run",
    }
}

choice! {
    /// What of something that lasts until a time holds at that very time.
    End {
        /// It is over.
        Open = "over",
        /// It still holds.
        Closed = "included",
    }
}

choice! {
    /// Which time of an incident's first alert its time frame starts at.
    FrameStart {
        /// When it was generated.
        Generated = "generated",
        /// The time of its first row.
        Started = "started",
    }
}

choice! {
    /// What alerts without entities have in common where entities have to match.
    NoEntities {
        /// They match.
        Together = "together",
        /// Each has an incident of its own.
        Apart = "apart",
    }
}

choice! {
    /// The severity of an incident with several alerts.
    IncidentSeverity {
        /// That of its worst alert.
        Highest = "highest",
        /// That of its first alert.
        First = "first",
    }
}

choice! {
    /// What becomes of retries that reach into the next slot.
    RetryOverlap {
        /// The run is given up, and the next one takes its turn.
        NextSlot = "next-slot",
        /// They go on, and slots in the meantime pass.
        SkipSlot = "skip-slot",
    }
}

choice! {
    /// What a query that fails on its data is taken for.
    QueryFailure {
        /// A lasting reason.
        Permanent = "permanent",
        /// A passing one.
        Transient = "transient",
    }
}

choice! {
    /// How accounts are named.
    AccountName {
        /// As Sentinel does since July 2026.
        July2026 = "july-2026",
        /// By the rule's mapping.
        AsMapped = "as-mapped",
    }
}

/// What is taken where the documentation is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumptions {
    pub(crate) window: WindowEdges,
    pub(crate) now: Moment,
    pub(crate) row_order: RowOrder,
    pub(crate) values: ValuesOfRows,
    pub(crate) missing_times: MissingTimes,
    pub(crate) alert_time: Moment,
    pub(crate) suppression_from: Moment,
    pub(crate) suppression_end: End,
    pub(crate) frame_start: FrameStart,
    pub(crate) frame_end: End,
    pub(crate) no_entities: NoEntities,
    pub(crate) incident_severity: IncidentSeverity,
    pub(crate) closed_after: Option<Ticks>,
    pub(crate) account_name: AccountName,
    pub(crate) query_failure: QueryFailure,
    pub(crate) retries: u32,
    pub(crate) retry_after: Period,
    pub(crate) retry_overlap: RetryOverlap,
    pub(crate) disabled_after: u32,
    pub(crate) own_delay: Option<Period>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            window: WindowEdges::OpenStart,
            now: Moment::Scheduled,
            row_order: RowOrder::OldestFirst,
            values: ValuesOfRows::All,
            missing_times: MissingTimes::Window,
            alert_time: Moment::Executed,
            suppression_from: Moment::Scheduled,
            suppression_end: End::Open,
            frame_start: FrameStart::Generated,
            frame_end: End::Closed,
            no_entities: NoEntities::Together,
            incident_severity: IncidentSeverity::Highest,
            closed_after: None,
            account_name: AccountName::July2026,
            query_failure: QueryFailure::Permanent,
            retries: 5,
            retry_after: Period::minute(),
            retry_overlap: RetryOverlap::NextSlot,
            disabled_after: 5,
            own_delay: None,
        }
    }
}

/// An assumption, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// What it is called.
    pub name: &'static str,
    /// What is taken.
    pub value: String,
    /// What it decides.
    pub about: &'static str,
    /// What else could be taken.
    pub options: &'static [&'static str],
}

/// A text is the name of no assumption, or of none of its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAssumption {
    /// What would be one.
    pub expected: Vec<&'static str>,
}

impl fmt::Display for UnknownAssumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.expected.iter().map(|name| format!("`{name}`")).collect();
        write!(f, "expected one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownAssumption {}

/// What `closed-after` takes.
const SPANS: &[&str] = &["never", "1h", "2d"];
/// What `retry-after` takes.
const WAITS: &[&str] = &["1m", "5m"];
/// What `own-delay` takes.
const DELAYS: &[&str] = &["0", "5m"];
/// What `retries` and `disabled-after` take.
const NUMBERS: &[&str] = &["5", "3"];

impl Assumptions {
    /// Returns all assumptions, in the order of what they decide.
    pub fn list(&self) -> Vec<Assumption> {
        vec![
            of("window", self.window, "which edges of its window a run sees"),
            of("now", self.now, "the time of a run that `now()` is"),
            of("row-order", self.row_order, "which rows of a run raise the first alerts"),
            of("values", self.values, "which rows fill `{{Column}}` and properties of an alert"),
            of("missing-times", self.missing_times, "times of alerts without `TimeGenerated`"),
            of("alert-time", self.alert_time, "the time of a run that its alerts have"),
            of("suppression-from", self.suppression_from, "the time that suppression counts from"),
            of("suppression-end", self.suppression_end, "a run at the end of suppression"),
            of(
                "frame-start",
                self.frame_start,
                "the time of the first alert that grouping counts from",
            ),
            of("frame-end", self.frame_end, "an alert at the end of the time frame of grouping"),
            of(
                "no-entities",
                self.no_entities,
                "alerts without entities where entities have to match",
            ),
            of("incident-severity", self.incident_severity, "the severity of several alerts"),
            Assumption {
                name: "closed-after",
                value: self
                    .closed_after
                    .map_or_else(|| "never".to_owned(), |span| timespan::format(span).to_string()),
                about: "how long after its creation somebody closes an incident",
                options: SPANS,
            },
            of("account-name", self.account_name, "what accounts are named by"),
            of(
                "query-failure",
                self.query_failure,
                "the kind of failure of a query that fails on its data",
            ),
            Assumption {
                name: "retries",
                value: self.retries.to_string(),
                about: "how often a run that failed for a passing reason is tried again",
                options: NUMBERS,
            },
            Assumption {
                name: "retry-after",
                value: self.retry_after.short(),
                about: "when it is tried again; each further time takes twice as long",
                options: WAITS,
            },
            of("retry-overlap", self.retry_overlap, "retries that reach into the next slot"),
            Assumption {
                name: "disabled-after",
                value: self.disabled_after.to_string(),
                about: "lasting failures in a row after which a rule is disabled",
                options: NUMBERS,
            },
            Assumption {
                name: "own-delay",
                value: self.own_delay.map_or_else(|| "0".to_owned(), Period::short),
                about: "how long after its time a row that Sentinel writes is there to be queried",
                options: DELAYS,
            },
        ]
    }

    /// Returns how long after its time a row that Sentinel writes itself is there to be queried.
    pub fn own_delay(&self) -> Ticks {
        self.own_delay.map_or(0, Period::ticks)
    }

    /// Returns what a query that fails on its data is taken for.
    pub const fn query_failure(&self) -> FailureKind {
        match self.query_failure {
            QueryFailure::Permanent => FailureKind::Permanent,
            QueryFailure::Transient => FailureKind::Transient,
        }
    }

    /// Takes another option.
    ///
    /// # Errors
    ///
    /// If there is no such assumption, or it has no such option.
    pub fn set(&mut self, name: &str, option: &str) -> Result<(), UnknownAssumption> {
        match name {
            "window" => self.window = parse(option)?,
            "now" => self.now = parse(option)?,
            "row-order" => self.row_order = parse(option)?,
            "values" => self.values = parse(option)?,
            "missing-times" => self.missing_times = parse(option)?,
            "alert-time" => self.alert_time = parse(option)?,
            "suppression-from" => self.suppression_from = parse(option)?,
            "suppression-end" => self.suppression_end = parse(option)?,
            "frame-start" => self.frame_start = parse(option)?,
            "frame-end" => self.frame_end = parse(option)?,
            "no-entities" => self.no_entities = parse(option)?,
            "incident-severity" => self.incident_severity = parse(option)?,
            "closed-after" => self.closed_after = span(option)?,
            "account-name" => self.account_name = parse(option)?,
            "query-failure" => self.query_failure = parse(option)?,
            "retries" => self.retries = number(option, 0)?,
            "retry-after" => self.retry_after = wait(option)?,
            "retry-overlap" => self.retry_overlap = parse(option)?,
            "disabled-after" => self.disabled_after = number(option, 1)?,
            "own-delay" if option == "0" => self.own_delay = None,
            "own-delay" => {
                let delay = Period::parse(option);
                let unknown = || UnknownAssumption { expected: DELAYS.to_vec() };
                self.own_delay = Some(delay.ok_or_else(unknown)?);
            }
            _ => {
                let expected = self.list().iter().map(|it| it.name).collect();
                return Err(UnknownAssumption { expected });
            }
        }
        Ok(())
    }
}

fn of<C: Choice>(name: &'static str, choice: C, about: &'static str) -> Assumption {
    Assumption { name, value: choice.name().to_owned(), about, options: C::NAMES }
}

fn parse<C: Choice>(option: &str) -> Result<C, UnknownAssumption> {
    C::parse(option).ok_or_else(|| UnknownAssumption { expected: C::NAMES.to_vec() })
}

/// Reads a number that is neither below the least that makes sense nor above a hundred.
fn number(option: &str, least: u32) -> Result<u32, UnknownAssumption> {
    let number = option.parse().ok().filter(|number| (least..=100).contains(number));
    number.ok_or_else(|| UnknownAssumption { expected: NUMBERS.to_vec() })
}

fn wait(option: &str) -> Result<Period, UnknownAssumption> {
    Period::parse(option).ok_or_else(|| UnknownAssumption { expected: WAITS.to_vec() })
}

fn span(option: &str) -> Result<Option<Ticks>, UnknownAssumption> {
    if option == "never" {
        return Ok(None);
    }
    let period = Period::parse(option);
    period
        .map(|period| Some(period.ticks()))
        .ok_or_else(|| UnknownAssumption { expected: SPANS.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumption_takes_each_of_its_options_and_says_so() {
        for Assumption { name, options, .. } in Assumptions::default().list() {
            for option in
                options.iter().filter(|option| name != "closed-after" || **option == "never")
            {
                let mut assumptions = Assumptions::default();
                assumptions.set(name, option).unwrap();
                let taken = assumptions.list().into_iter().find(|it| it.name == name).unwrap();
                assert_eq!(taken.value, *option, "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_assumption_is_told() {
        let mut assumptions = Assumptions::default();
        let told = |error: UnknownAssumption| error.to_string();
        assert!(told(assumptions.set("windows", "closed").unwrap_err()).contains("`window`"));
        assert_eq!(
            told(assumptions.set("now", "later").unwrap_err()),
            "expected one of `scheduled`, `executed`"
        );
        for (name, option) in [
            ("closed-after", "soon"),
            ("retries", "-1"),
            ("retries", "101"),
            ("disabled-after", "0"),
            ("retry-after", "later"),
            ("own-delay", "none"),
        ] {
            assert!(assumptions.set(name, option).is_err(), "{name}");
        }
        assumptions.set("closed-after", "1h").unwrap();
        assert_eq!(assumptions.list()[12].value, "01:00:00");
    }
}
