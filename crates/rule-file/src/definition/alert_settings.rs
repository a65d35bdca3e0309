//! How a rule of Sentinel makes alerts of rows, and incidents of alerts.

use super::{given, owned, text, texts};
use crate::{period::Period, yaml::Node};

/// What an analytics rule says of its alerts and incidents; what it leaves out has Sentinel's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertSettings {
    /// Every row of a run raises an alert of its own; otherwise a run raises one.
    pub is_per_result: bool,
    /// For how long the rule stops after an alert.
    pub suppression: Option<Period>,
    /// Custom details: their keys, each with its column.
    pub custom_details: Vec<(String, String)>,
    /// What the alert's name is made of: text and `{{Column}}`.
    pub name_format: Option<String>,
    /// What the alert's description is made of.
    pub description_format: Option<String>,
    /// The column that holds an alert's tactics.
    pub tactics_column: Option<String>,
    /// Properties of alerts, each with its column.
    pub dynamic_properties: Vec<(String, String)>,
    /// How alerts become incidents.
    pub incidents: IncidentSettings,
}

/// How alerts become incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentSettings {
    /// Alerts become incidents at all.
    pub are_created: bool,
    /// Which alerts share an incident; `None` if each has its own.
    pub grouping: Option<GroupingSettings>,
}

impl Default for IncidentSettings {
    fn default() -> Self {
        Self { are_created: true, grouping: None }
    }
}

/// Which alerts share an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupingSettings {
    /// An alert that belongs to a closed incident reopens it.
    pub reopens_closed: bool,
    /// How long after an incident's first alert others join it.
    pub look_back: Option<Period>,
    /// `AllEntities`, `AnyAlert` or `Selected`.
    pub method: String,
    /// Of `Selected`: the types of entities that have to match.
    pub entities: Vec<String>,
    /// Of `Selected`: the alert details that have to match, `DisplayName` and `Severity`.
    pub alert_details: Vec<String>,
    /// Of `Selected`: the custom details that have to match, by their keys.
    pub custom_details: Vec<String>,
}

/// Reads the settings of an analytics rule.
pub(super) fn alert_settings(root: &Node) -> AlertSettings {
    let nothing = Node::default();
    let details = root.get("alertDetailsOverride").unwrap_or(&nothing);
    let format = |field| text(details, field).map(str::to_owned);
    let kind = root.at(&["eventGroupingSettings", "aggregationKind"]).and_then(given);
    let duration = text(root, "suppressionDuration").and_then(Period::parse);
    let properties = details.get("alertDynamicProperties").map(Node::items).unwrap_or_default();
    AlertSettings {
        is_per_result: kind == Some("AlertPerResult"),
        suppression: duration.filter(|_| is_true(root, "suppressionEnabled")),
        custom_details: pairs(root.get("customDetails")),
        name_format: format("alertDisplayNameFormat"),
        description_format: format("alertDescriptionFormat"),
        tactics_column: format("alertTacticsColumnName"),
        dynamic_properties: properties
            .iter()
            .filter_map(|it| Some((text(it, "alertProperty")?.to_owned(), owned(it, "value"))))
            .collect(),
        incidents: root.get("incidentConfiguration").map(incidents).unwrap_or_default(),
    }
}

fn incidents(node: &Node) -> IncidentSettings {
    let are_created = text(node, "createIncident") != Some("false");
    let grouping = node.get("groupingConfiguration").filter(|it| is_true(it, "enabled"));
    IncidentSettings { are_created, grouping: grouping.map(self::grouping) }
}

fn grouping(node: &Node) -> GroupingSettings {
    GroupingSettings {
        reopens_closed: is_true(node, "reopenClosedIncident"),
        look_back: text(node, "lookbackDuration").and_then(Period::parse),
        method: text(node, "matchingMethod").unwrap_or("AllEntities").to_owned(),
        entities: texts(node.get("groupByEntities")),
        alert_details: texts(node.get("groupByAlertDetails")),
        custom_details: texts(node.get("groupByCustomDetails")),
    }
}

fn is_true(node: &Node, field: &str) -> bool {
    text(node, field).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn pairs(node: Option<&Node>) -> Vec<(String, String)> {
    let entries = node.map(Node::entries).unwrap_or_default().iter();
    let pair =
        |(key, value): &(Node, Node)| Some((key.text()?.to_owned(), given(value)?.to_owned()));
    entries.filter_map(pair).collect()
}
