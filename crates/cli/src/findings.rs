//! What a hunt found, put together for those who write it.

pub(crate) mod bundle;
pub(crate) mod unfilled;

use std::collections::BTreeMap;

use detection::{CitedRecord, Found, Package, PackagedRule, alert::Alert, alert::Evidence};
use engine::{Balance, Engine, EngineError, Environment, Input, MemberBalance, Problem};
use lateral::{Movement, Observers};
use report::findings::{Findings, InputFacts, Records, RuleFacts, Versions};

use crate::{args::memory::Memory, error::CommandError, inputs};

/// Records of one alert whose fields a report shows.
const RECORDS_PER_ALERT: usize = 25;

/// Returns everything that a report is made of but the records' fields; takes the alerts.
pub(crate) fn gather(
    package: &Package,
    rules: &[PackagedRule],
    found: &mut Found<'_>,
    observers: &Observers,
    before: &[Problem],
) -> Result<Findings, CommandError> {
    let observations = observers.read(&found.run, found.beside, &found.alerts)?;
    let movement: Movement = lateral::trace(&found.alerts, &observations);
    let alerts = std::mem::take(&mut found.alerts);
    let balance = found.run.balance();
    Ok(Findings {
        alerts,
        movement,
        rules: rules
            .iter()
            .enumerate()
            .map(|(query, rule)| rule_facts(rule, found.run.kept(query)))
            .collect(),
        behaviours: known_behaviours(package, rules),
        inputs: balance.members.iter().map(input_facts).collect(),
        problems: before.iter().chain(&balance.problems).map(ToString::to_string).collect(),
        versions: versions(package, rules),
        newest: balance.newest().0,
        ..Findings::default()
    })
}

/// Returns what the report is about: the package if all of it ran, else the rules that did.
fn versions(package: &Package, rules: &[PackagedRule]) -> Versions {
    let quarry = env!("CARGO_PKG_VERSION").to_owned();
    let is_packaged = |rule: &&PackagedRule| is_in(package, rule);
    let packaged = rules.iter().filter(is_packaged).count();
    let subject = match rules {
        _ if packaged == rules.len() && packaged == package.rules.len() => package.name.clone(),
        [rule] => rule.rule.name.clone(),
        rules => format!("{} rules", rules.len()),
    };
    if packaged == 0 {
        return Versions { quarry, package_name: subject, ..Versions::default() };
    }
    Versions {
        quarry,
        package: package.id.clone(),
        package_name: subject,
        package_version: package.version.clone(),
    }
}

/// Returns the behaviours that a report has a line for: all of the package if all of it ran, else
/// those that the rules see.
fn known_behaviours(package: &Package, rules: &[PackagedRule]) -> BTreeMap<String, String> {
    let packaged = rules.iter().filter(|rule| is_in(package, rule)).count();
    let is_whole = packaged == package.rules.len();
    let is_seen = |id: &String| is_whole || rules.iter().any(|rule| rule.behaviours.contains(id));
    let named = package.behaviours.values().map(|it| (it.id.clone(), it.name.clone()));
    named.filter(|(id, _)| is_seen(id)).collect()
}

fn is_in(package: &Package, rule: &PackagedRule) -> bool {
    package.rules.iter().any(|own| own.path == rule.path && own.rule.id == rule.rule.id)
}

fn rule_facts(rule: &PackagedRule, looked_at: usize) -> RuleFacts {
    let PackagedRule { rule, behaviours, .. } = rule;
    RuleFacts {
        id: rule.id.clone(),
        name: rule.name.clone(),
        // Sentinel's templates put the text in quotes of its own.
        description: rule.description.trim().trim_matches('\'').trim().to_owned(),
        version: rule.version.clone(),
        severity: rule.severity,
        tactics: rule.tactics.clone(),
        techniques: rule.relevant_techniques.clone(),
        behaviours: behaviours.clone(),
        looked_at,
    }
}

fn input_facts(member: &MemberBalance) -> InputFacts {
    InputFacts {
        file: engine::path_text(&member.file),
        member: member.member.clone(),
        format: member.format.to_string(),
        read: member.read,
        matched: member.matched,
        not_needed: member.not_needed,
        rejected: member.rejected,
        losses: inputs::losses_of(member),
        left_out: inputs::ignored_columns_of(member),
    }
}

/// Reads the cited records with all their fields: of each alert the first few, which a report shows,
/// or all of them, which a bundle needs.
pub(crate) fn cited(
    engine: &Engine,
    environment: &Environment,
    inputs: &[Input],
    balance: &Balance,
    alerts: &[Alert],
    all: bool,
) -> Result<Vec<CitedRecord>, EngineError> {
    let per_alert = if all { usize::MAX } else { RECORDS_PER_ALERT };
    let of_alert =
        |alert: &'_ Alert| alert.evidence.iter().take(per_alert).cloned().collect::<Vec<_>>();
    let cited: Vec<Evidence> = alerts.iter().flat_map(of_alert).collect();
    detection::cited_records(engine, environment, inputs, balance, &cited)
}

/// Returns the fields that a report has room for; beyond, records are only named.
pub(crate) fn records(cited: &[CitedRecord], memory: Memory) -> Records {
    let mut records = Records::default();
    let mut bytes = 0usize;
    for record in cited {
        bytes = bytes.saturating_add(record.json.len());
        if bytes > memory.report_bytes() {
            break;
        }
        records.insert(&record.place, record.json.clone());
    }
    records
}
