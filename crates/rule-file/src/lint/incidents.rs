//! How a rule groups its alerts into incidents.

use kql_syntax::Diagnostic;

use super::{Rule, check_one_of, entity_types, items_of, text_of};
use crate::{code, period::Period, yaml::Node};

const METHODS: &[&str] = &["AllEntities", "AnyAlert", "Selected"];
const ALERT_DETAILS: &[&str] = &["DisplayName", "Severity"];

/// The lists of which `Selected` needs an entry.
const SELECTIONS: &[&str] = &["groupByEntities", "groupByAlertDetails", "groupByCustomDetails"];

const MINUTE: i64 = 60 * 10_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let path = ["incidentConfiguration", "groupingConfiguration"];
    let Some(grouping) = rule.root.at(&path) else { return };
    let get = |field: &str| grouping.get(field).filter(|node| !node.is_null());
    if let Some(look_back) = get("lookbackDuration") {
        check_look_back(look_back, found);
    }
    if let Some(method) = get("matchingMethod") {
        check_one_of(method, "matchingMethod", METHODS, code::INCIDENT_GROUPING, found);
        let is_enabled = get("enabled").and_then(Node::text) == Some("true");
        let selected = SELECTIONS.iter().filter_map(|field| get(field)).flat_map(Node::items);
        if is_enabled && method.text() == Some("Selected") && selected.count() == 0 {
            let message = "`Selected` needs an entity, an alert detail or a custom detail to match";
            found.push(Diagnostic::error(code::INCIDENT_GROUPING, method.span, message));
        }
    }
    let types: Vec<&str> = entity_types::ALL.iter().map(|ty| ty.name).collect();
    check_items(get("groupByEntities"), "groupByEntities", &types, found);
    check_items(get("groupByAlertDetails"), "groupByAlertDetails", ALERT_DETAILS, found);
    let keys = rule.root.get("customDetails").map(Node::entries).unwrap_or_default();
    let keys: Vec<&str> = keys.iter().filter_map(|(key, _)| key.text()).collect();
    check_items(get("groupByCustomDetails"), "groupByCustomDetails", &keys, found);
}

fn check_items(node: Option<&Node>, field: &str, known: &[&str], found: &mut Vec<Diagnostic>) {
    let Some(node) = node else { return };
    for item in items_of(node, field, found) {
        check_one_of(item, field, known, code::INCIDENT_GROUPING, found);
    }
}

/// Source: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>, alert grouping.
fn check_look_back(node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(text) = text_of(node, "lookbackDuration", found) else { return };
    let in_range =
        Period::parse(text).is_some_and(|period| (5 * MINUTE..=7 * DAY).contains(&period.ticks()));
    if !in_range {
        let message = "`lookbackDuration` has to be from 5 minutes to 7 days";
        found.push(Diagnostic::error(code::INCIDENT_GROUPING, node.span, message));
    }
}
