//! `graphml`: the hops for graph tools (Gephi, yEd, `NetworkX`, Neo4j).
//!
//! Source: `GraphML` 1.0.

use std::io;

use kql_types::datetime;

use super::{Nodes, account, label};
use crate::{WriteError, findings::Findings, text::xml::Xml};

/// Key, what it is of, name, type.
const KEYS: [(&str, &str, &str, &str); 14] = [
    ("label", "node", "label", "string"),
    ("kind", "node", "kind", "string"),
    ("account", "edge", "account", "string"),
    ("method", "edge", "method", "string"),
    ("first", "edge", "first", "string"),
    ("last", "edge", "last", "string"),
    ("severity", "edge", "severity", "string"),
    ("confidence", "edge", "confidence", "string"),
    ("seen_by", "edge", "seen_by", "string"),
    ("shares", "edge", "shares", "string"),
    ("files", "edge", "files", "string"),
    ("services", "edge", "services", "string"),
    ("alerts", "edge", "alerts", "int"),
    ("records", "edge", "records", "int"),
];

/// Writes the graph.
pub(crate) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = &findings.movement.hops;
    let nodes = Nodes::new(hops);
    let mut xml = Xml::begin(out)?;
    xml.open("graphml", &[("xmlns", "http://graphml.graphdrawing.org/xmlns")])?;
    for (id, of, name, ty) in KEYS {
        xml.empty("key", &[("id", id), ("for", of), ("attr.name", name), ("attr.type", ty)])?;
    }
    xml.open("graph", &[("id", "hops"), ("edgedefault", "directed")])?;
    for (number, place) in nodes.places.iter().enumerate() {
        xml.open("node", &[("id", &format!("n{number}"))])?;
        xml.text("data", &[("key", "label")], &label(place))?;
        xml.text("data", &[("key", "kind")], kind(place))?;
        xml.close("node")?;
    }
    for (number, hop) in hops.iter().enumerate() {
        let source = format!("n{}", nodes.number(&hop.source));
        let target = format!("n{}", nodes.number(&hop.target));
        let id = format!("e{number}");
        xml.open("edge", &[("id", &id), ("source", &source), ("target", &target)])?;
        for (key, value) in data(hop) {
            xml.text("data", &[("key", key)], &value)?;
        }
        xml.close("edge")?;
    }
    xml.close("graph")?;
    xml.close("graphml")?;
    Ok(xml.finish()?)
}

fn data(hop: &lateral::Hop) -> [(&'static str, String); 12] {
    let list = |items: &std::collections::BTreeSet<String>| {
        items.iter().cloned().collect::<Vec<_>>().join("; ")
    };
    [
        ("account", account(hop)),
        ("method", hop.how()),
        ("first", datetime::format(hop.first).to_string()),
        ("last", datetime::format(hop.last).to_string()),
        ("severity", hop.severity.to_string()),
        ("confidence", hop.confidence.to_string()),
        ("seen_by", hop.seen_by.name().to_owned()),
        ("shares", list(&hop.artefacts.shares)),
        ("files", list(&hop.artefacts.files)),
        ("services", list(&hop.artefacts.services)),
        ("alerts", hop.alerts.len().to_string()),
        ("records", hop.evidence.len().to_string()),
    ]
}

fn kind(place: &lateral::Place) -> &'static str {
    match place {
        lateral::Place::Host(_) => "host",
        lateral::Place::Address(_) => "address",
        lateral::Place::Unknown => "unknown",
    }
}
