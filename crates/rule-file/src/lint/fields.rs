//! Fields that are missing, and fields that look like misspelt ones.

use kql_syntax::{Diagnostic, Severity, Span};

use super::{Rule, did_you_mean, nearest};
use crate::{
    code,
    rule::{Form, Kind},
    yaml::Node,
};

/// What a rule of any kind has to have to be deployed.
const REQUIRED: &[&str] = &["id", "name", "kind", "severity", "query"];

/// What a rule on a schedule needs beside.
const SCHEDULED: &[&str] =
    &["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"];

/// What only the public repository's checks ask for.
const EXPECTED: &[&str] = &["description", "requiredDataConnectors", "version"];

/// What else a rule may have.
const OPTIONAL: &[&str] = &[
    "alertDetailsOverride",
    "alertRuleTemplateName",
    "customDetails",
    "displayName",
    "enabled",
    "entityMappings",
    "eventGroupingSettings",
    "incidentConfiguration",
    "metadata",
    "lastModifiedUtc",
    "relevantTechniques",
    "sentinelEntitiesMappings",
    "startTimeUtc",
    "status",
    "subTechniques",
    "suppressionDuration",
    "suppressionEnabled",
    "tactics",
    "tags",
    "techniques",
    "templateVersion",
];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let place = rule.root.entries().first().map_or(Span::default(), |(key, _)| key.span);
    let scheduled = match rule.kind {
        Kind::Scheduled => SCHEDULED,
        _ => &[],
    };
    let required = REQUIRED.iter().chain(scheduled).map(|field| (*field, Severity::Error));
    // Only the public repository's own form is asked for these.
    let expected = if rule.form == Form::Yaml { EXPECTED } else { &[] };
    let expected = expected.iter().map(|field| (*field, Severity::Warning));
    // A template may leave the id to the deployment.
    let is_given = |field: &str| field == "id" && rule.form == Form::Resource;
    let is_missing =
        |field: &str| rule.root.get(field).is_none_or(Node::is_null) && !is_given(field);
    for (field, severity) in required.chain(expected).filter(|(field, _)| is_missing(field)) {
        let message = format!("a rule needs the field `{field}`");
        let error = Diagnostic::error(code::MISSING_FIELD, place, message);
        found.push(Diagnostic { severity, ..error });
    }
    let known = || [REQUIRED, SCHEDULED, EXPECTED, OPTIONAL].into_iter().flatten().copied();
    for (key, _) in rule.root.entries() {
        let Some(name) = key.text().filter(|name| known().all(|known| known != *name)) else {
            continue;
        };
        let absent = known().filter(|known| rule.root.get(known).is_none());
        if let Some(meant) = nearest(name, absent) {
            let message = format!("a rule has no field `{name}`");
            let warning = Diagnostic::warning(code::MISSPELT_FIELD, key.span, message);
            found.push(warning.with_help(did_you_mean(meant)));
        }
    }
}
