//! An analytics rule, as far as Sentinel's treatment of its rows depends on it.

mod alert_details;
mod grouping;
mod severity;

use kql_types::Ticks;
use rule_file::{AlertSettings, Definition, Period, TriggerOperator};

pub use self::severity::{Severity, UnknownSeverity};
pub(crate) use self::{
    alert_details::AlertDetails,
    grouping::{Grouping, Method},
};

/// The most rules in near real time of a workspace.
const MOST_NEAR_REAL_TIME: usize = 50;

/// How a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On a schedule, over the times of rows.
    Scheduled {
        /// How long it is from run to run.
        frequency: Ticks,
        /// How far each run looks back.
        period: Ticks,
    },
    /// Every minute, over what has arrived.
    NearRealTime,
    /// As Defender runs a custom detection: on a schedule, over the times of rows.
    CustomDetection {
        /// How long it is from run to run.
        frequency: Ticks,
        /// How far each run looks back, but for the first.
        look_back: Ticks,
    },
    /// As Defender runs a continuous custom detection: over what arrives.
    Continuous,
}

impl Kind {
    /// Tells how a rule runs by how often it does and how far it looks back: as far as it runs often, unless
    /// it says otherwise. One that does not say how often it runs does all the time.
    pub fn new(frequency: Option<Period>, period: Option<Period>, is_of_defender: bool) -> Self {
        let Some(frequency) = frequency.map(Period::ticks) else {
            return if is_of_defender { Self::Continuous } else { Self::NearRealTime };
        };
        let period = period.map_or(frequency, Period::ticks);
        if is_of_defender {
            Self::CustomDetection { frequency, look_back: period }
        } else {
            Self::Scheduled { frequency, period }
        }
    }

    /// Returns how many rules of some kinds run in near real time, if a workspace does not take so many.
    pub fn too_many_near_real_time(kinds: impl IntoIterator<Item = Self>) -> Option<usize> {
        let count = kinds.into_iter().filter(|kind| *kind == Self::NearRealTime).count();
        (count > MOST_NEAR_REAL_TIME).then_some(count)
    }

    /// Tells whether it is Defender that runs the rule.
    pub const fn is_of_defender(self) -> bool {
        matches!(self, Self::CustomDetection { .. } | Self::Continuous)
    }
}

/// An analytics rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// What it finds and why that matters.
    pub description: String,
    /// Its version, or nothing.
    pub version: String,
    /// Its query's text.
    pub query: String,
    /// How it runs.
    pub kind: Kind,
    /// How bad a finding is.
    pub severity: Severity,
    /// How a run's number of rows compares to the threshold for it to raise alerts.
    pub operator: TriggerOperator,
    /// The threshold.
    pub threshold: u64,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Which columns name hosts, accounts and the like.
    pub entity_mappings: Vec<EntityMapping>,
    /// Every row raises an alert of its own.
    pub is_per_result: bool,
    /// For how long the rule stops after an alert.
    pub suppression: Option<Ticks>,
    /// Custom details: their keys, each with its column.
    pub custom_details: Vec<(String, String)>,
    /// What of an alert comes from its rows.
    pub(crate) details: AlertDetails,
    /// Alerts become incidents.
    pub creates_incidents: bool,
    /// Which alerts share an incident; `None` if each has its own.
    pub(crate) grouping: Option<Grouping>,
}

/// Columns that together name an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityMapping {
    /// `Host`, `Account`, `IP`, …
    pub kind: String,
    /// Its identifiers, each with its column.
    pub identifiers: Vec<(String, String)>,
}

impl Rule {
    /// Makes a rule of what its file says; what that leaves out has Sentinel's default. A rule without a
    /// frequency runs in near real time.
    ///
    /// - `id`: the rule's, or what stands for it.
    ///
    /// # Errors
    ///
    /// If its severity is none that there is.
    pub fn new(id: &str, definition: &Definition, query: &str) -> Result<Self, UnknownSeverity> {
        let AlertSettings { suppression, custom_details, incidents, .. } = &definition.alerts;
        let is_of_defender = definition.is_custom_detection;
        let kind = Kind::new(definition.frequency, definition.period, is_of_defender);
        let mapping = |(kind, identifiers): &(String, Vec<(String, String)>)| EntityMapping {
            kind: kind.clone(),
            identifiers: identifiers.clone(),
        };
        Ok(Self {
            id: id.to_owned(),
            name: definition.name.clone(),
            description: definition.description.clone(),
            version: definition.version.clone(),
            query: query.to_owned(),
            kind,
            severity: Severity::try_from(definition.severity.as_str())?,
            operator: definition.operator,
            threshold: definition.threshold,
            tactics: definition.tactics.clone(),
            techniques: definition.techniques.clone(),
            entity_mappings: definition.entities.iter().map(mapping).collect(),
            is_per_result: definition.alerts.is_per_result,
            suppression: suppression.map(rule_file::Period::ticks),
            custom_details: custom_details.clone(),
            details: AlertDetails::new(definition),
            // Defender puts alerts together in its own way.
            creates_incidents: incidents.are_created && !is_of_defender,
            grouping: incidents.grouping.as_ref().map(Grouping::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_that_there_is_not_is_an_error() {
        let of_severity = |severity: &str| {
            let definition = Definition { severity: severity.to_owned(), ..Definition::default() };
            Rule::new("id", &definition, "T").map(|rule| rule.severity)
        };
        assert_eq!(of_severity("high"), Ok(Severity::High));
        assert_eq!(of_severity(""), Err(UnknownSeverity { name: String::new() }));
    }
}
