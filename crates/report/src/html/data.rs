//! What the page's script reads.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use detection::alert::{Alert, Evidence, Origin};
use kql_types::datetime;
use lateral::{Hop, Place};
use serde_json::{Value, json};

use super::{escape::for_script, layout::positions};
use crate::{
    alert::{
        json_value::{filled_columns, record_members, unix_ms},
        summary,
    },
    findings::Findings,
    paths::{Nodes, label, lines::hop_value, to_second},
};

/// Records listed under one alert; how many there are stands beside.
const MAX_RECORDS: usize = 25;
/// Hops in the graph: more are no picture. The weightiest are kept.
pub(super) const MAX_HOPS: usize = 1_000;

/// Returns the hops that the page shows, in order of time, by their places in the list.
pub(super) fn shown_hops(findings: &Findings) -> Vec<usize> {
    let hops = &findings.movement.hops;
    let mut shown: Vec<usize> = (0..hops.len()).collect();
    let weight = |at: &usize| {
        hops.get(*at)
            .map(|hop| std::cmp::Reverse((hop.severity, hop.method.executes(), hop.confidence)))
    };
    shown.sort_by_key(weight);
    shown.truncate(MAX_HOPS);
    shown.sort_unstable();
    shown
}

/// Returns the data as JSON that may stand in a script element.
pub(super) fn json(findings: &Findings) -> String {
    let shown = shown_hops(findings);
    let number_of: BTreeMap<usize, usize> =
        shown.iter().enumerate().map(|(number, hop)| (*hop, number)).collect();
    let hops: Vec<&Hop> = shown.iter().filter_map(|hop| findings.movement.hops.get(*hop)).collect();
    let nodes = Nodes::of(hops.iter().copied());
    let mut hop_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (hop, number) in &number_of {
        let alerts = findings.movement.hops.get(*hop).map(|hop| &hop.alerts);
        hop_of.extend(alerts.into_iter().flatten().map(|alert| (*alert, *number)));
    }
    let mut records = Records::default();
    let alerts: Vec<Value> = findings
        .alerts
        .iter()
        .enumerate()
        .map(|(position, alert)| {
            let number = hop_of.get(&position).copied();
            let hop = number.and_then(|number| hops.get(number).copied());
            alert_value(alert, number, hop, &mut records)
        })
        .collect();
    let data = json!({
        "alerts": alerts,
        "hops": shown.iter().filter_map(|hop| page_hop(findings, *hop, &nodes)).collect::<Vec<_>>(),
        "nodes": node_values(findings, &hops, &nodes),
        "records": records.values(findings),
        "behaviours": findings.behaviours,
    });
    for_script(&data.to_string())
}

fn alert_value(
    alert: &Alert,
    number: Option<usize>,
    hop: Option<&Hop>,
    records: &mut Records,
) -> Value {
    let places: BTreeSet<String> =
        hop.into_iter().flat_map(|hop| [label(&hop.source), label(&hop.target)]).collect();
    let listed = alert.evidence.iter().take(MAX_RECORDS);
    json!({
        "id": alert.id,
        "rule": alert.rule.name,
        "ruleId": alert.rule.id,
        "behaviours": alert.rule.behaviours,
        "severity": alert.severity.name(),
        "time": alert.time.map(to_second),
        "t": alert.time.map(unix_ms),
        "host": summary::host(alert),
        "account": summary::account(alert),
        "what": summary::activity(alert),
        "hop": number,
        "hopAccount": hop.and_then(|hop| hop.account.as_ref()).map(ToString::to_string),
        "places": places,
        "columns": Value::Object(filled_columns(alert)),
        "evidence": listed.map(|record| records.number(record)).collect::<Vec<_>>(),
        "evidenceCount": alert.evidence.len(),
    })
}

/// A hop with what the page needs besides.
fn page_hop(findings: &Findings, number: usize, nodes: &Nodes<'_>) -> Option<Value> {
    let hop = findings.movement.hops.get(number)?;
    let mut value = hop_value(findings, number)?;
    let object = value.as_object_mut()?;
    // Alerts carry the records; the page needs them once.
    object.remove("evidence");
    for (key, of_page) in [
        ("from", json!(nodes.number(&hop.source))),
        ("to", json!(nodes.number(&hop.target))),
        ("sourceLabel", json!(label(&hop.source))),
        ("targetLabel", json!(label(&hop.target))),
        ("first", json!(to_second(hop.first))),
        ("last", json!(to_second(hop.last))),
        ("firstMs", json!(unix_ms(hop.first))),
        ("lastMs", json!(unix_ms(hop.last))),
    ] {
        object.insert(key.to_owned(), of_page);
    }
    Some(value)
}

fn node_values(findings: &Findings, hops: &[&Hop], nodes: &Nodes<'_>) -> Vec<Value> {
    let roots = findings.movement.forest.roots();
    let origins: BTreeSet<&Place> =
        roots.filter_map(|hop| findings.movement.hops.get(hop)).map(|hop| &hop.source).collect();
    let positions = positions(hops, nodes);
    let node = |(place, position): (&&Place, &super::layout::Position)| {
        json!({
            "label": label(place),
            "short": if place.is_known() { place.short() } else { label(place) },
            "kind": match place {
                Place::Host(_) => "host",
                Place::Address(_) => "address",
                Place::Unknown => "unknown",
            },
            "origin": place.is_known() && origins.contains(*place),
            "column": position.column,
            "row": position.row,
        })
    };
    nodes.places.iter().zip(&positions).map(node).collect()
}

/// Records that alerts list, each once.
#[derive(Default)]
struct Records {
    numbers: HashMap<(Arc<Origin>, u64), usize>,
    listed: Vec<Evidence>,
}

impl Records {
    fn number(&mut self, record: &Evidence) -> usize {
        let key = (Arc::clone(&record.origin), record.line);
        let next = self.listed.len();
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.listed.push(record.clone());
        }
        number
    }

    fn values(&self, findings: &Findings) -> Vec<Value> {
        let value = |record: &Evidence| {
            let fields = findings.records.get(record);
            let fields = fields.and_then(|json| serde_json::from_str::<Value>(json).ok());
            let mut members = record_members(record);
            members.insert("fields".to_owned(), fields.into());
            Value::Object(members)
        };
        self.listed.iter().map(value).collect()
    }
}

/// Returns the newest event as people read it.
pub(super) fn newest(findings: &Findings) -> Option<String> {
    findings.newest.map(|time| datetime::format(time).to_string())
}
