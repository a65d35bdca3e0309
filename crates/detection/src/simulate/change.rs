//! What a change of rules does: the alerts that are won by it and those that are lost.
//!
//! Both versions run at the same times over the same inputs, which are read for each of them. Alerts of two versions are
//! seldom the same to the letter: another name, period or grouping changes all of them. So what is
//! compared is what they rest on. An alert is won if it rests on a record that no alert of the old version
//! rests on, and lost if no alert of the new one rests on a record that it rested on. An alert that rests
//! on no record, since it is raised by absence, is compared by its run.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io,
};

use engine::{Engine, EngineError, Input, Progress, Reservation};
use kql_types::Ticks;
use sentinel::{Rule, Severity};

use super::{
    Mode, Remark, RemarkKind, Simulated, SimulatedAlert, Simulation, SimulationError, Told,
    simulate,
};
use crate::{
    alert::Evidence,
    hunt::{CompiledRules, FailedRule},
};

/// What became of a rule by the change, in a mode.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleChange {
    /// The mode.
    pub mode: Mode,
    /// The rule's id, from the new version if there is one, else from the old.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// What the old version did; `None` if there is none.
    pub old: Option<Counts>,
    /// What the new version does; `None` if there is none.
    pub new: Option<Counts>,
    /// Alerts of the new version that rest on what none of the old one rests on, in order of runs.
    pub won: Vec<ChangedAlert>,
    /// Alerts of the old version that rest on what none of the new one rests on, in order of runs.
    pub lost: Vec<ChangedAlert>,
}

/// What a version of a rule did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many alerts it raised.
    pub alerts: usize,
    /// How many of them cite only what earlier ones had cited.
    pub repeated: usize,
    /// How many incidents there were.
    pub incidents: usize,
    /// On how many records its alerts rest.
    pub records: usize,
}

/// An alert that only one version raises.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedAlert {
    /// The alert's id.
    pub id: String,
    /// When its run was scheduled.
    pub run: Ticks,
    /// Its name.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// It cites only what earlier alerts of its version had cited.
    pub is_repeated: bool,
    /// The records that no alert of the other version rests on, in order of file and place.
    pub records: Vec<Evidence>,
}

/// Simulates both versions of rules and compares them.
///
/// A rule is compared with that of the same id; where there is one rule on each side, with that. The
/// failures and remarks that are returned are those of the new rules, whose queries come first, and then
/// those of the old ones.
///
/// # Errors
///
/// As [`simulate`](super::simulate) does, and if there is not enough memory for the alerts.
pub fn simulate_change<'engine>(
    engine: &'engine Engine,
    new: &CompiledRules<'_>,
    old: &CompiledRules<'_>,
    inputs: &[Input],
    simulation: &Simulation,
    progress: &dyn Progress,
) -> Result<(Simulated<'engine>, Vec<RuleChange>), SimulationError> {
    let mut sides = [Side::new(engine), Side::new(engine)];
    let mut outcomes = Vec::new();
    for (side, rules) in sides.iter_mut().zip([new, old]) {
        let mut out_of_memory = None;
        let mut tell = |told: Told<'_>| {
            side.add(&told).map_err(|error| {
                let stopped = io::Error::other(error.to_string());
                out_of_memory = Some(error);
                stopped
            })
        };
        let outcome = simulate(engine, rules, inputs, simulation, progress, &mut tell);
        if let Some(error) = out_of_memory {
            return Err(error.into());
        }
        outcomes.push(outcome?);
    }
    let changes = compared(sides);
    let old_outcome = outcomes.pop();
    let mut simulated =
        outcomes.pop().ok_or(EngineError::Internal { what: "a version was not simulated" })?;
    let first_of_old = new.queries().count();
    if let Some(old) = old_outcome {
        simulated.failed.extend(old.failed.into_iter().map(|failed| FailedRule {
            query: failed.query.saturating_add(first_of_old),
            ..failed
        }));
        // Of a version that is to be left, nobody has to know where it is blind.
        let is_kept = |remark: &Remark| !matches!(remark.kind, RemarkKind::BlindSpan(_));
        simulated.remarks.extend(old.remarks.into_iter().filter(is_kept));
    }
    Ok((simulated, changes))
}

/// What the rules of a side did.
struct Side {
    /// In the order in which they were told of.
    rules: Vec<RuleSide>,
    places: BTreeMap<(Mode, String), usize>,
    held: Reservation,
}

/// What a rule of a side did in a mode.
struct RuleSide {
    mode: Mode,
    id: String,
    name: String,
    counts: Counts,
    alerts: Vec<ChangedAlert>,
    /// What its alerts rest on.
    records: HashSet<Evidence>,
    /// The runs of alerts that rest on nothing.
    of_nothing: BTreeSet<Ticks>,
}

impl Side {
    fn new(engine: &Engine) -> Self {
        let held = engine.reserve("the alerts of a comparison");
        Self { rules: Vec::new(), places: BTreeMap::new(), held }
    }

    fn add(&mut self, told: &Told<'_>) -> Result<(), EngineError> {
        match told {
            Told::Rule(history) => {
                self.of(history.mode, history.rule);
            }
            Told::Run(_) | Told::Late(_) => {}
            Told::Alert(alert) => self.add_alert(alert)?,
            Told::Incident(incident) => {
                let counts = &mut self.of(incident.mode, incident.rule).counts;
                counts.incidents = counts.incidents.saturating_add(1);
            }
        }
        Ok(())
    }

    fn add_alert(&mut self, told: &SimulatedAlert<'_>) -> Result<(), EngineError> {
        let evidence = told.evidence.len().saturating_mul(size_of::<Evidence>().saturating_mul(2));
        let texts = told.alert.id.len().saturating_add(told.alert.name.len());
        let bytes = size_of::<ChangedAlert>().saturating_add(texts).saturating_add(evidence);
        self.held.grow(bytes)?;
        let rule = self.of(told.mode, told.rule);
        let counts = &mut rule.counts;
        counts.alerts = counts.alerts.saturating_add(1);
        counts.repeated = counts.repeated.saturating_add(usize::from(told.is_repeated));
        if told.evidence.is_empty() {
            rule.of_nothing.insert(told.alert.scheduled);
        }
        rule.records.extend(told.evidence.iter().cloned());
        counts.records = rule.records.len();
        rule.alerts.push(ChangedAlert {
            id: told.alert.id.clone(),
            run: told.alert.scheduled,
            name: told.alert.name.clone(),
            severity: told.alert.severity,
            is_repeated: told.is_repeated,
            records: told.evidence.clone(),
        });
        Ok(())
    }

    fn of(&mut self, mode: Mode, rule: &Rule) -> &mut RuleSide {
        let next = self.rules.len();
        let place = *self.places.entry((mode, rule.id.clone())).or_insert(next);
        if place == next {
            self.rules.push(RuleSide {
                mode,
                id: rule.id.clone(),
                name: rule.name.clone(),
                counts: Counts::default(),
                alerts: Vec::new(),
                records: HashSet::new(),
                of_nothing: BTreeSet::new(),
            });
        }
        #[expect(clippy::indexing_slicing, reason = "every place is that of a rule")]
        &mut self.rules[place]
    }
}

impl RuleSide {
    /// Returns the alerts that rest on something that no alert of the other version rests on, with that.
    fn only_here(&self, other: Option<&Self>) -> Vec<ChangedAlert> {
        let is_only_here = |record: &Evidence| other.is_none_or(|it| !it.records.contains(record));
        let changed = self.alerts.iter().filter_map(|alert| {
            if alert.records.is_empty() {
                let is_in_both = other.is_some_and(|it| it.of_nothing.contains(&alert.run));
                return (!is_in_both).then(|| alert.clone());
            }
            let records = alert.records.iter().filter(|record| is_only_here(record));
            let records: Vec<Evidence> = records.cloned().collect();
            (!records.is_empty()).then(|| ChangedAlert { records, ..alert.clone() })
        });
        changed.collect()
    }
}

/// Puts the versions of each rule beside each other: by mode, in the order of the new rules, then those
/// that are old only.
fn compared([new, old]: [Side; 2]) -> Vec<RuleChange> {
    let ids = |side: &Side| -> BTreeSet<String> {
        side.rules.iter().map(|rule| rule.id.clone()).collect()
    };
    let is_one_each = ids(&new).len() == 1 && ids(&old).len() == 1;
    let is_of = |one: &RuleSide, other: &RuleSide| {
        one.mode == other.mode && (is_one_each || one.id == other.id)
    };
    let change = |new: Option<&RuleSide>, old: Option<&RuleSide>| {
        let rule = new.or(old)?;
        Some(RuleChange {
            mode: rule.mode,
            rule: rule.id.clone(),
            name: rule.name.clone(),
            old: old.map(|it| it.counts),
            new: new.map(|it| it.counts),
            won: new.map(|it| it.only_here(old)).unwrap_or_default(),
            lost: old.map(|it| it.only_here(new)).unwrap_or_default(),
        })
    };
    let of_new = new
        .rules
        .iter()
        .filter_map(|rule| change(Some(rule), old.rules.iter().find(|other| is_of(rule, other))));
    let removed = old.rules.iter().filter(|rule| !new.rules.iter().any(|it| is_of(it, rule)));
    let of_old = removed.filter_map(|rule| change(None, Some(rule)));
    let mut changes: Vec<RuleChange> = of_new.chain(of_old).collect();
    // Stable: rules stay in order.
    changes.sort_by_key(|change| change.mode);
    changes
}
