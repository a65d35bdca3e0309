//! Which alerts share an incident.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>, alert grouping.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Alert, Entity},
    assumptions::{Assumptions, NoEntities},
    rule::Method,
};

/// What alerts of one incident have the same of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct GroupKey {
    entities: BTreeSet<Entity>,
    details: Vec<String>,
    custom_details: Vec<(String, BTreeSet<String>)>,
}

impl Method {
    /// Returns an alert's key; `None` if it shares an incident with no other.
    pub(crate) fn key(&self, alert: &Alert, assumptions: &Assumptions) -> Option<GroupKey> {
        let of_kinds = |is_wanted: &dyn Fn(&Entity) -> bool| {
            alert.entities.iter().filter(|entity| is_wanted(entity)).cloned().collect()
        };
        match self {
            Self::AnyAlert => Some(GroupKey::default()),
            Self::AllEntities => {
                let is_apart = assumptions.no_entities == NoEntities::Apart;
                let key = GroupKey { entities: of_kinds(&|_| true), ..GroupKey::default() };
                (!(is_apart && key.entities.is_empty())).then_some(key)
            }
            Self::Selected { entities, alert_details, custom_details } => {
                let detail = |name: &String| match name.as_str() {
                    "Severity" => alert.severity.name().to_owned(),
                    _ => alert.name.clone(),
                };
                let custom = |key: &String| {
                    let values = alert.custom_details.iter().filter(|(name, _)| name == key);
                    let values = values.flat_map(|(_, values)| values).cloned().collect();
                    (key.clone(), values)
                };
                Some(GroupKey {
                    entities: of_kinds(&|entity| entities.contains(&entity.kind)),
                    details: alert_details.iter().map(detail).collect(),
                    custom_details: custom_details.iter().map(custom).collect(),
                })
            }
        }
    }
}
