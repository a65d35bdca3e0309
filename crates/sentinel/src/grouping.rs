//! Which alerts share an incident.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>, alert grouping.

use std::collections::BTreeSet;

use kql_types::Ticks;
use rule_file::GroupingSettings;

use crate::{
    alert::Alert,
    assumptions::{Assumptions, NoEntities},
    entity::Entity,
};

/// How alerts share incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grouping {
    /// An alert that belongs to a closed incident reopens it.
    pub(crate) reopens_closed: bool,
    /// How long after an incident's first alert others join it.
    pub(crate) look_back: Ticks,
    pub(crate) method: Method,
}

/// What alerts of one incident have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// All entities.
    AllEntities,
    /// The rule alone.
    AnyAlert,
    /// Some entities and details.
    Selected {
        /// Types of entities.
        entities: Vec<String>,
        /// Alert details by their names.
        alert_details: Vec<String>,
        /// Custom details by their keys.
        custom_details: Vec<String>,
    },
}

impl From<&GroupingSettings> for Method {
    fn from(settings: &GroupingSettings) -> Self {
        match settings.method.as_str() {
            "AnyAlert" => Self::AnyAlert,
            "Selected" => Self::Selected {
                entities: settings.entities.clone(),
                alert_details: settings.alert_details.clone(),
                custom_details: settings.custom_details.clone(),
            },
            // The lints let no other name pass.
            _ => Self::AllEntities,
        }
    }
}

/// What alerts of one incident have the same of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
