//! The investigation guide's hunting queries, with what the package says of all of them: its technique, and
//! which data connectors fill which tables, as its rules have it.

use std::collections::{BTreeMap, BTreeSet};

use rule_file::export::HuntingQuery;
use serde::Deserialize;

use super::{Package, PackageError, PackagedRule, parse};
use crate::investigation::{Question, Subject};

impl Package {
    /// Returns the questions of the investigation guide as hunting queries, in order; or the question, where
    /// it cannot be one.
    ///
    /// # Errors
    ///
    /// If what a rule says of its data connectors is not what it should be.
    pub fn hunting_queries(&self) -> Result<Vec<Result<HuntingQuery, &Question>>, PackageError> {
        let Some(guide) = &self.guide else { return Ok(Vec::new()) };
        let (tactic, technique) = &self.attack;
        let subject = Subject {
            package: self.id.clone(),
            version: self.version.clone(),
            tactics: tactic.iter().cloned().collect(),
            techniques: technique.iter().cloned().collect(),
            connectors: connectors_of(&self.rules)?,
        };
        Ok(guide.hunting_queries(&subject))
    }
}

#[derive(Deserialize)]
struct OfRule {
    #[serde(default, rename = "requiredDataConnectors")]
    connectors: Vec<Connector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connector {
    connector_id: String,
    #[serde(default)]
    data_types: Vec<String>,
}

/// Returns the connectors by the tables that rules need of them.
fn connectors_of(
    rules: &[PackagedRule],
) -> Result<BTreeMap<String, BTreeSet<String>>, PackageError> {
    let mut connectors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        let of_rule: OfRule = parse(&rule.path, &rule.yaml)?;
        for Connector { connector_id, data_types } in of_rule.connectors {
            for table in data_types {
                connectors.entry(table).or_default().insert(connector_id.clone());
            }
        }
    }
    Ok(connectors)
}
