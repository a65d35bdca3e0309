//! How a rule's alerts share incidents.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>, alert grouping.

use kql_types::{Ticks, timespan};
use rule_file::GroupingSettings;

/// How long after an incident's first alert others join it, unless the rule says otherwise: five hours.
const LOOK_BACK: Ticks = 5 * timespan::HOUR;

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

impl From<&GroupingSettings> for Grouping {
    fn from(settings: &GroupingSettings) -> Self {
        Self {
            reopens_closed: settings.reopens_closed,
            look_back: settings.look_back.map_or(LOOK_BACK, rule_file::Period::ticks),
            method: settings.into(),
        }
    }
}
