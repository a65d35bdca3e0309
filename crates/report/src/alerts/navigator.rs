//! `navigator`: a layer for the ATT&CK Navigator, techniques scored by the number of alerts.
//!
//! Techniques of rules that ran and found nothing are in it with score 0. Source: ATT&CK Navigator,
//! layer file format 4.5.

use std::{collections::BTreeMap, io};

use serde_json::{Value, json};

use super::attack::tactic_shortname;
use crate::{WriteError, alert::json_value::write_pretty, findings::Findings};

/// Writes the layer.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let mut by_technique: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for rule in &findings.rules {
        let found = findings.alerts.iter().filter(|alert| alert.rule.id == rule.id).count();
        for technique in &rule.techniques {
            let (score, rules) = by_technique.entry(technique).or_default();
            *score = score.saturating_add(found);
            if found > 0 {
                rules.push(&rule.name);
            }
        }
    }
    let most = by_technique.values().map(|(score, _)| *score).max().unwrap_or(0).max(1);
    let techniques: Vec<Value> = by_technique
        .into_iter()
        .map(|(technique, (score, rules))| {
            json!({
                "techniqueID": technique,
                "score": score,
                "comment": rules.join("; "),
                "enabled": true,
                "showSubtechniques": true,
            })
        })
        .collect();
    let tactics: std::collections::BTreeSet<String> = findings
        .rules
        .iter()
        .flat_map(|rule| rule.tactics.iter().map(|tactic| tactic_shortname(tactic)))
        .collect();
    let layer = json!({
        "name": format!("Quarry: {}", findings.versions.package_name),
        "versions": {"attack": "17", "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": format!("Alerts by technique. Tactics: {}", tactics.into_iter().collect::<Vec<_>>().join(", ")),
        "filters": {"platforms": ["Windows"]},
        "techniques": techniques,
        "gradient": {"colors": ["#ffffff", "#d62728"], "minValue": 0, "maxValue": most},
        "sorting": 3,
        "hideDisabled": false,
    });
    write_pretty(&layer, out)
}
