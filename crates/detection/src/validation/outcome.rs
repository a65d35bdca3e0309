//! What came of each test: its signals, found or missing, and what the rules made of them.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Ticks;

use crate::{
    alert::{Alert, Evidence, Severity},
    tuning::Tuned,
};

use super::{
    attempt::{self, Attempt},
    binding::{Bindings, short},
    event::EventName,
    hit::{Hit, Place},
    inventory::{Inventory, Missing, Remedy},
    plan::{ExpectedRule, HostRole, LabTest, OwnSignal, Plan, Shown},
};

/// Records of an event that are named; how many there are is counted.
const NAMED_RECORDS: usize = 10;

/// What a hunt on the same logs found.
#[derive(Clone, Copy, Debug)]
pub struct HuntFacts<'a> {
    /// The alerts, and those that exceptions set aside.
    pub tuned: &'a Tuned,
    /// The rules that ran.
    pub rules: &'a [RuleFacts],
}

/// What validation has to know of a rule.
#[derive(Clone, Debug)]
pub struct RuleFacts {
    /// Its id.
    pub id: String,
    /// The name of its file, without the ending.
    pub name: String,
    /// How long it is from one run to the next, in ticks.
    pub frequency: Ticks,
}

/// What came of all tests.
#[derive(Clone, Debug, Default)]
pub struct ValidationReport {
    /// The tests in order.
    pub tests: Vec<TestOutcome>,
}

impl ValidationReport {
    /// Returns the tests of which there was an attempt.
    pub fn attempted(&self) -> impl Iterator<Item = &TestOutcome> {
        self.tests.iter().filter(|test| !test.attempts.is_empty())
    }

    /// Tells whether some test was run, and all that were left what they were expected to.
    pub fn is_good(&self) -> bool {
        let mut attempted = self.attempted().peekable();
        attempted.peek().is_some() && attempted.all(TestOutcome::is_good)
    }
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// The test.
    pub test: LabTest,
    /// The attempts that the logs show, in order of time.
    pub attempts: Vec<AttemptOutcome>,
    /// What would have shown one, if there is none.
    pub unseen: Vec<SignalOutcome>,
}

impl TestOutcome {
    /// Tells whether an attempt left all that was expected.
    pub fn is_good(&self) -> bool {
        self.attempts.iter().any(AttemptOutcome::is_good)
    }
}

/// What an attempt at a test left.
#[derive(Clone, Debug)]
pub struct AttemptOutcome {
    /// The times of its first and its last record.
    pub span: (Ticks, Ticks),
    /// The source's name, else its address, if either is known.
    pub source: Option<String>,
    /// The target's name, else its address, if either is known.
    pub target: Option<String>,
    /// The signal that it is known by, if the command itself was not recorded: something else may have
    /// left it.
    pub known_by: Option<String>,
    /// Its signals in order.
    pub signals: Vec<SignalOutcome>,
    /// The rules that are expected to fire, in order.
    pub rules: Vec<RuleOutcome>,
    /// The alerts of other rules, worst first.
    pub others: Vec<OtherAlerts>,
}

impl AttemptOutcome {
    /// Returns how many of its signals were recorded.
    pub fn found(&self) -> usize {
        self.signals.iter().filter(|signal| signal.is_found()).count()
    }

    /// Tells whether all signals were recorded and all rules fired.
    pub fn is_good(&self) -> bool {
        self.found() == self.signals.len() && self.rules.iter().all(|rule| rule.state.is_good())
    }
}

/// A signal of an attempt.
#[derive(Clone, Debug)]
pub struct SignalOutcome {
    /// What happens.
    pub name: String,
    /// Which host records it.
    pub role: HostRole,
    /// That host, if it is known.
    pub host: Option<String>,
    /// The events that show it.
    pub sources: Vec<SourceOutcome>,
}

impl SignalOutcome {
    /// Tells whether any of its events was recorded.
    pub fn is_found(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.state, SourceState::Found { .. }))
    }
}

/// An event that shows a signal.
#[derive(Clone, Debug)]
pub struct SourceOutcome {
    /// The event: `Sysmon 1`.
    pub event: String,
    /// Whether it was recorded.
    pub state: SourceState,
}

/// Whether an event was recorded.
#[derive(Clone, Debug)]
pub enum SourceState {
    /// It was.
    Found {
        /// The first records, in order of time.
        records: Vec<Evidence>,
        /// How many there are.
        count: usize,
        /// When the first was recorded.
        time: Ticks,
    },
    /// It was not.
    Missing {
        /// Why.
        why: Missing,
        /// What would record it.
        remedy: Remedy,
    },
    /// The input has no telemetry of this kind at all, but of another that shows the same.
    NotCollected,
}

/// A rule that is expected to fire.
#[derive(Clone, Debug)]
pub struct RuleOutcome {
    /// The name of its file.
    pub rule: String,
    /// The least severity.
    pub expected: Severity,
    /// How long a run of it may be in coming, in ticks.
    pub frequency: Ticks,
    /// What came of it.
    pub state: RuleState,
}

/// What came of a rule.
#[derive(Clone, Debug)]
pub enum RuleState {
    /// It fired as severely as expected.
    Fired(FiredAlert),
    /// It fired, less severely.
    TooLow(FiredAlert),
    /// It fired, and an exception set its alerts aside.
    SetAside {
        /// The alert.
        alert: FiredAlert,
        /// The exception.
        entry: String,
    },
    /// It did not fire, although signals that it looks at were recorded.
    Silent,
    /// It could not fire: none of the signals that it looks at was recorded.
    Blind,
    /// It is not among the rules that ran.
    NotRun,
}

impl RuleState {
    /// Tells whether it is as expected.
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Fired(_))
    }
}

/// The worst alert of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredAlert {
    /// Its id.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// How long after the attempt's first record what it reports happened, in ticks.
    pub after: Ticks,
    /// How many alerts the rule raised.
    pub count: usize,
}

/// Alerts of a rule that is not expected to fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherAlerts {
    /// The name of the rule's file.
    pub rule: String,
    /// The worst of them.
    pub severity: Severity,
    /// How many there are.
    pub count: usize,
}

/// Holds what was found against what was expected.
pub(super) fn report(
    plan: &Plan,
    tests: &[&LabTest],
    given: &Bindings,
    by_place: &BTreeMap<Place, &[Hit]>,
    inventory: &Inventory,
    hunt: &HuntFacts<'_>,
) -> ValidationReport {
    let judge = Judge { plan, inventory, hunt };
    let mut attempts: Vec<Vec<Attempt<'_>>> = tests
        .iter()
        .enumerate()
        .map(|(number, test)| attempt::find(test, number, given, by_place))
        .collect();
    attempt::without_explained(&mut attempts);
    let of_test = |(test, attempts): (&&LabTest, Vec<Attempt<'_>>)| {
        let unseen = if attempts.is_empty() {
            test.signals().map(|signal| judge.signal(signal, &[], None, given)).collect()
        } else {
            Vec::new()
        };
        TestOutcome {
            test: (*test).clone(),
            attempts: attempts.iter().map(|attempt| judge.attempt(test, attempt)).collect(),
            unseen,
        }
    };
    ValidationReport { tests: tests.iter().zip(attempts).map(of_test).collect() }
}

struct Judge<'a> {
    plan: &'a Plan,
    inventory: &'a Inventory,
    hunt: &'a HuntFacts<'a>,
}

impl Judge<'_> {
    fn attempt(&self, test: &LabTest, attempt: &Attempt<'_>) -> AttemptOutcome {
        let bindings = &attempt.bindings;
        let signals: Vec<SignalOutcome> = test
            .signals()
            .enumerate()
            .map(|(number, signal)| {
                let none = Vec::new();
                let hits: Vec<&Vec<&Hit>> = (0..signal.shown_by.len())
                    .map(|event| attempt.hits.get(&(number, event)).unwrap_or(&none))
                    .collect();
                let window = Some(attempt.window(test));
                self.signal(signal, &hits, window, bindings)
            })
            .collect();
        let alerts = self.alerts(test, attempt);
        let rules = test
            .rules
            .iter()
            .map(|expected| self.rule(expected, &signals, &alerts, attempt.span().0))
            .collect();
        let expected: BTreeSet<&str> = test.rules.iter().map(|rule| rule.rule.as_str()).collect();
        AttemptOutcome {
            span: attempt.span(),
            source: bindings.host(HostRole::Source),
            target: bindings.host(HostRole::Target),
            known_by: (!attempt.is_certain)
                .then(|| test.signals().nth(attempt.known_by))
                .flatten()
                .map(|signal| signal.name.clone()),
            signals,
            rules,
            others: others(&alerts, &expected),
        }
    }

    fn signal(
        &self,
        signal: &OwnSignal,
        hits: &[&Vec<&Hit>],
        window: Option<(Ticks, Ticks)>,
        bindings: &Bindings,
    ) -> SignalOutcome {
        // Telemetry of another kind than the input has is only missing where none of that kind helps.
        let is_collected = |shown: &&Shown| self.is_collected(&shown.event);
        let has_other = signal.shown_by.iter().any(|shown| is_collected(&shown));
        let sources = signal.shown_by.iter().enumerate().map(|(number, shown)| {
            let hits = hits.get(number).map(|hits| hits.as_slice()).unwrap_or_default();
            let state = match hits.first() {
                Some(first) => SourceState::Found {
                    records: hits.iter().take(NAMED_RECORDS).map(|h| h.record.clone()).collect(),
                    count: hits.len(),
                    time: first.time,
                },
                None if has_other && !is_collected(&shown) => SourceState::NotCollected,
                None => self.missing(shown, signal.host, bindings, window),
            };
            SourceOutcome { event: shown.event.clone(), state }
        });
        SignalOutcome {
            name: signal.name.clone(),
            role: signal.host,
            host: bindings.host(signal.host),
            sources: sources.collect(),
        }
    }

    /// Tells whether the input has telemetry of the kind that an event is of.
    fn is_collected(&self, event: &str) -> bool {
        EventName::parse(event).is_ok_and(|name| self.inventory.has_kind_of(&name))
    }

    fn missing(
        &self,
        shown: &Shown,
        role: HostRole,
        bindings: &Bindings,
        window: Option<(Ticks, Ticks)>,
    ) -> SourceState {
        let source = self.plan.source(&shown.event);
        let (Ok(name), Some(source)) = (EventName::parse(&shown.event), source) else {
            // A plan with such an event does not compile.
            return SourceState::NotCollected;
        };
        let with_switch = |field: &&str| source.fields.contains_key(*field);
        let fields: BTreeSet<&str> =
            shown.fields.keys().map(String::as_str).filter(with_switch).collect();
        // A host whose name nobody knows may be any but the other one, whose name is known.
        let other = match role {
            HostRole::Source => bindings.name(HostRole::Target),
            HostRole::Target => bindings.name(HostRole::Source),
        };
        let is_host = |host: &str| match bindings.name(role) {
            Some(name) => host == name,
            None => other != Some(host),
        };
        let why = self.inventory.why_missing(&shown.event, &name, is_host, &fields, window);
        let remedy = match &why {
            Missing::FieldEmpty { field, .. } => Remedy {
                enable: source.fields.get(field).cloned().unwrap_or_else(|| source.enable.clone()),
                command: None,
            },
            // It is switched on already.
            Missing::NoneFits { .. } => Remedy { enable: source.enable.clone(), command: None },
            _ => Remedy { enable: source.enable.clone(), command: source.command.clone() },
        };
        SourceState::Missing { why, remedy }
    }

    /// Returns the alerts that an attempt raised: those that cite one of its records, and those about
    /// its hosts at that time.
    fn alerts(&self, test: &LabTest, attempt: &Attempt<'_>) -> Vec<RaisedAlert<'_>> {
        let records: BTreeSet<(&str, Option<&str>, u64)> =
            attempt.hits.values().flatten().map(|hit| place(&hit.record)).collect();
        let hosts: BTreeSet<&str> = [HostRole::Source, HostRole::Target]
            .into_iter()
            .filter_map(|role| attempt.bindings.name(role))
            .collect();
        let (from, to) = attempt.window(test);
        let belongs = |alert: &Alert| {
            let is_then = alert.time.is_some_and(|time| (from..=to).contains(&time));
            let is_there = || {
                let recorders = alert.evidence.iter().map(|it| it.origin.host.as_deref());
                recorders.flatten().any(|host| hosts.contains(short(host).as_str()))
            };
            alert.evidence.iter().any(|it| records.contains(&place(it))) || is_then && is_there()
        };
        let kept = self.hunt.tuned.alerts.iter().map(|alert| (alert, None));
        let aside = &self.hunt.tuned.suppressed;
        let aside = aside.iter().map(|found| (&found.alert, Some(found.entry.as_str())));
        kept.chain(aside)
            .filter(|(alert, _)| belongs(alert))
            .filter_map(|(alert, entry)| {
                let rule = self.hunt.rules.iter().find(|rule| rule.id == alert.rule.id)?;
                Some(RaisedAlert { rule: &rule.name, alert, entry })
            })
            .collect()
    }

    fn rule(
        &self,
        expected: &ExpectedRule,
        signals: &[SignalOutcome],
        alerts: &[RaisedAlert<'_>],
        begin: Ticks,
    ) -> RuleOutcome {
        let rule = self.hunt.rules.iter().find(|rule| rule.name == expected.rule);
        let frequency = rule.map_or(0, |rule| rule.frequency);
        let own = || alerts.iter().filter(|raised| raised.rule == expected.rule);
        let worst = |is_aside: bool| {
            own()
                .filter(|raised| raised.entry.is_some() == is_aside)
                .max_by_key(|raised| (raised.alert.severity, std::cmp::Reverse(raised.alert.time)))
        };
        let facts = |raised: &RaisedAlert<'_>| FiredAlert {
            id: raised.alert.id.clone(),
            severity: raised.alert.severity,
            after: raised.alert.time.map_or(0, |time| time.saturating_sub(begin).max(0)),
            count: own().count(),
        };
        let sees_any = || {
            let needed = signals.iter().filter(|signal| expected.from.contains(&signal.name));
            needed.into_iter().any(SignalOutcome::is_found)
        };
        let state = match (worst(false), worst(true)) {
            (Some(raised), _) if raised.alert.severity >= expected.severity => {
                RuleState::Fired(facts(raised))
            }
            (Some(raised), _) => RuleState::TooLow(facts(raised)),
            (None, Some(raised)) => RuleState::SetAside {
                alert: facts(raised),
                entry: raised.entry.unwrap_or_default().to_owned(),
            },
            (None, None) if rule.is_none() => RuleState::NotRun,
            (None, None) if sees_any() => RuleState::Silent,
            (None, None) => RuleState::Blind,
        };
        RuleOutcome { rule: expected.rule.clone(), expected: expected.severity, frequency, state }
    }
}

/// An alert of an attempt, and the exception that set it aside.
struct RaisedAlert<'a> {
    rule: &'a str,
    alert: &'a Alert,
    entry: Option<&'a str>,
}

fn others(alerts: &[RaisedAlert<'_>], expected: &BTreeSet<&str>) -> Vec<OtherAlerts> {
    let mut by_rule: BTreeMap<&str, OtherAlerts> = BTreeMap::new();
    let unexpected = |raised: &&RaisedAlert<'_>| !expected.contains(raised.rule);
    for raised in alerts.iter().filter(|raised| raised.entry.is_none()).filter(unexpected) {
        let severity = raised.alert.severity;
        let of_rule = by_rule.entry(raised.rule).or_insert_with(|| OtherAlerts {
            rule: raised.rule.to_owned(),
            severity,
            count: 0,
        });
        of_rule.severity = of_rule.severity.max(severity);
        of_rule.count = of_rule.count.saturating_add(1);
    }
    let mut others: Vec<OtherAlerts> = by_rule.into_values().collect();
    // Stable: rules of the same severity stay in order of their names.
    others.sort_by_key(|other| std::cmp::Reverse(other.severity));
    others
}

fn place(record: &Evidence) -> (&str, Option<&str>, u64) {
    (&record.origin.file, record.origin.member.as_deref(), record.line)
}
