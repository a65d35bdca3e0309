//! Custom detections of Defender as Graph takes them, of analytics rules that are no more than that.
//!
//! What a custom detection has no place for is a [`Loss`]: one that changes which alerts are raised
//! always keeps the rule from being written, a detail only unless it may be left behind.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/security-detectionrule?view=graph-rest-beta> and
//! the types that it names, <https://learn.microsoft.com/defender-xdr/custom-detection-rules>.

mod entities;

use serde_json::{Map, Value, json};

use self::entities::entity_mappings;
use super::{Loss, techniques_of};
use crate::{
    Kind, code,
    document::Content,
    fields::{Fields, OPERATORS},
    period::Period,
};

/// A custom detection.
#[derive(Clone, Debug)]
pub struct Detection {
    json: Map<String, Value>,
    /// Details of the rule that were left behind.
    pub left_behind: Vec<Loss>,
    /// Fields that say nothing of what the rule does, for which Graph has no place: `version`.
    pub bookkeeping: Vec<String>,
}

/// Writes detections as Graph lists them.
pub fn write(detections: &[Detection]) -> String {
    let all: Vec<Value> = detections.iter().map(|it| Value::Object(it.json.clone())).collect();
    format!("{:#}\n", json!({ "value": all }))
}

/// The fields that say what a rule does.
const READ: &[&str] = &[
    "id",
    "name",
    "kind",
    "description",
    "severity",
    "enabled",
    "query",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "startTimeUtc",
    "suppressionEnabled",
    "suppressionDuration",
    "tactics",
    "relevantTechniques",
    "entityMappings",
    "sentinelEntitiesMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
    "incidentConfiguration",
];

impl Detection {
    /// Makes a custom detection of a rule.
    ///
    /// - `columns`: the names of the columns that the query yields over Defender's tables, or why that is
    ///   not known.
    /// - `is_lossy`: details may be left behind.
    ///
    /// # Errors
    ///
    /// What of the rule a custom detection has no place for.
    pub fn of(
        rule: &Fields,
        columns: Result<&[String], &str>,
        is_lossy: bool,
    ) -> Result<Self, Vec<Loss>> {
        let mut losses = Vec::new();
        let (json, bookkeeping) = if rule.is_detection() {
            let properties = rule.map.get("properties").and_then(Value::as_object);
            let beside =
                rule.map.keys().filter(|name| !["kind", "properties"].contains(&name.as_str()));
            (properties.cloned().unwrap_or_default(), beside.cloned().collect())
        } else {
            let beside = rule.map.keys().filter(|name| !READ.contains(&name.as_str()));
            (of_analytics(rule, &mut losses), beside.cloned().collect())
        };
        match columns {
            Ok(columns) => refusals(&json, columns, &mut losses),
            Err(why) => losses.push(Loss::of_alerts("query", why)),
        }
        if losses.iter().any(|loss| !is_lossy || !loss.is_detail) {
            losses.retain(|loss| !is_lossy || !loss.is_detail);
            return Err(losses);
        }
        Ok(Self { json, left_behind: losses, bookkeeping })
    }

    /// Writes it as Graph takes and gives a single one.
    pub fn text(&self) -> String {
        format!("{:#}\n", Value::Object(self.json.clone()))
    }
}

/// Adds what Defender itself would refuse of a detection.
fn refusals(json: &Map<String, Value>, columns: &[String], losses: &mut Vec<Loss>) {
    let text = Value::Object(json.clone()).to_string();
    let Content::Rules { rules, .. } = Content::read("rule.json", &text) else {
        losses.push(Loss::of_alerts("query", "there is no query"));
        return;
    };
    let found = rules.iter().flat_map(|rule| rule.lint(Some(columns)));
    for diagnostic in found {
        let is_error = diagnostic.severity == kql_syntax::Severity::Error;
        if !is_error && diagnostic.code != code::DETECTION_COLUMNS {
            continue;
        }
        let field = match diagnostic.code {
            code::DETECTION_FREQUENCY => "queryFrequency",
            code::DETECTION_LOOK_BACK => "queryPeriod",
            code::UNKNOWN_VALUE => "severity",
            _ => "query",
        };
        let loss = Loss::of_alerts(field, diagnostic.message);
        if !losses.contains(&loss) {
            losses.push(loss);
        }
    }
}

fn of_analytics(rule: &Fields, losses: &mut Vec<Loss>) -> Map<String, Value> {
    check_trigger(rule, losses);
    check_runs(rule, losses);
    let mut template = Map::new();
    texts(rule, &mut template, losses);
    attack(rule, &mut template, losses);
    let mappings = rule.map.get("entityMappings").and_then(Value::as_array);
    let mappings = entity_mappings(mappings.map(Vec::as_slice).unwrap_or_default(), losses);
    template.insert("entityMappings".to_owned(), Value::Object(mappings));
    if let Some(details) = rule.map.get("customDetails") {
        template.insert("customDetails".to_owned(), details.clone());
    }
    template.insert("eventGroupingKind".to_owned(), Value::from(grouping(rule, losses)));
    let is_enabled = rule.map.get("enabled") != Some(&Value::Bool(false));
    let root = json!({
        "id": rule.id(),
        "displayName": rule.name(),
        "status": if is_enabled { "enabled" } else { "disabled" },
        "queryCondition": {"queryText": rule.text("query")},
        "schedule": schedule(rule, losses),
        "detectionAction": {"alertTemplate": template},
    });
    match root {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A custom detection raises alerts of whatever its query finds.
fn check_trigger(rule: &Fields, losses: &mut Vec<Loss>) {
    if rule.kind == Kind::NearRealTime {
        return;
    }
    let operator = rule.text("triggerOperator").unwrap_or_default();
    let is_any = OPERATORS.iter().take(1).any(|(short, long)| [*short, *long].contains(&operator));
    let threshold = rule.map.get("triggerThreshold").and_then(Value::as_i64);
    if !is_any || threshold != Some(0) {
        let why = "Defender raises alerts of any row, which is `gt 0`, and has no other trigger";
        losses.push(Loss::of_alerts("triggerThreshold", why));
    }
}

fn check_runs(rule: &Fields, losses: &mut Vec<Loss>) {
    if rule.map.get("suppressionEnabled") == Some(&Value::Bool(true)) {
        let why = "Defender does not stop a detection for a time after an alert";
        losses.push(Loss::of_alerts("suppressionEnabled", why));
    }
    if rule.map.contains_key("startTimeUtc") {
        let why = "Defender has no time for a detection's first run";
        losses.push(Loss::of_detail("startTimeUtc", why));
    }
    if rule.map.contains_key("sentinelEntitiesMappings") {
        let why = "Defender has no column that holds entities";
        losses.push(Loss::of_detail("sentinelEntitiesMappings", why));
    }
    let Some(incident) = rule.map.get("incidentConfiguration") else { return };
    if incident.get("createIncident") == Some(&Value::Bool(false)) {
        let why = "Defender makes incidents of all alerts";
        losses.push(Loss::of_detail("incidentConfiguration", why));
    }
    let is_grouped = incident.get("groupingConfiguration").and_then(|it| it.get("enabled"));
    if is_grouped == Some(&Value::Bool(true)) {
        let why = "Defender puts alerts together to incidents as it sees fit";
        losses.push(Loss::of_detail("incidentConfiguration", why));
    }
}

/// Returns the schedule; the look-back is always said, since what follows from the frequency is another.
fn schedule(rule: &Fields, losses: &mut Vec<Loss>) -> Value {
    if rule.kind == Kind::NearRealTime {
        return json!({"frequency": "PT0S"});
    }
    let mut period = |field: &'static str| {
        let period = rule.text(field).and_then(Period::parse);
        if period.is_none() {
            losses.push(Loss::of_alerts(field, "it is no length of time"));
        }
        period.map(Period::iso)
    };
    json!({"frequency": period("queryFrequency"), "lookback": period("queryPeriod")})
}

fn texts(rule: &Fields, template: &mut Map<String, Value>, losses: &mut Vec<Loss>) {
    let details = rule.map.get("alertDetailsOverride");
    let of_details = |field: &str| details.and_then(|it| it.get(field)).filter(|it| !it.is_null());
    let title = of_details("alertDisplayNameFormat").and_then(Value::as_str);
    let title = title.unwrap_or_else(|| rule.name());
    template.insert("title".to_owned(), Value::from(title));
    let description = rule.text("description");
    let format = of_details("alertDescriptionFormat").and_then(Value::as_str);
    if format.is_some() && description.is_some() {
        let why = "an alert of Defender has one description, and `alertDescriptionFormat` is it";
        losses.push(Loss::of_detail("description", why));
    }
    if let Some(text) = format.or(description) {
        template.insert("description".to_owned(), Value::from(text));
    }
    let severity = rule.text("severity").unwrap_or_default().to_ascii_lowercase();
    template.insert("severity".to_owned(), Value::from(severity));
    let of_rows = [
        ("alertSeverityColumnName", "severity"),
        ("alertTacticsColumnName", "tactics"),
        ("alertDynamicProperties", "properties"),
    ];
    for (_, what) in of_rows.iter().filter(|(field, _)| of_details(field).is_some()) {
        let why = format!("an alert of Defender has its rule's {what}, not those of a row");
        losses.push(Loss::of_detail("alertDetailsOverride", why));
    }
}

fn attack(rule: &Fields, template: &mut Map<String, Value>, losses: &mut Vec<Loss>) {
    let list = |field: &str| {
        rule.map.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    };
    let (tactics, listed) = (list("tactics"), list("relevantTechniques"));
    if !listed.is_empty() && tactics.len() != 1 {
        let why = "in Defender a technique belongs to a tactic, and the rule does not say to which";
        losses.push(Loss::of_detail("relevantTechniques", why));
    }
    let (techniques, parts) = techniques_of(listed);
    let with_parts = techniques.iter().map(|technique| {
        let whole = technique.as_str().unwrap_or_default();
        let is_of = |part: &&Value| {
            let id = part.as_str().and_then(|id| id.split_once('.'));
            id.is_some_and(|(of, _)| of == whole)
        };
        let parts: Vec<Value> = parts.iter().filter(is_of).cloned().collect();
        if parts.is_empty() {
            json!({ "technique": technique })
        } else {
            json!({ "technique": technique, "subTechniques": parts })
        }
    });
    let mut with_parts = Some(with_parts.collect::<Vec<Value>>()).filter(|all| !all.is_empty());
    let tactics = tactics.iter().map(|tactic| match with_parts.take() {
        Some(techniques) => json!({ "tactic": tactic, "techniques": techniques }),
        None => json!({ "tactic": tactic }),
    });
    let tactics: Vec<Value> = tactics.collect();
    if !tactics.is_empty() {
        template.insert("tactics".to_owned(), Value::Array(tactics));
    }
}

/// Returns how rows become alerts. Without it, Defender raises one for each.
fn grouping(rule: &Fields, losses: &mut Vec<Loss>) -> &'static str {
    let settings = rule.map.get("eventGroupingSettings");
    let kind =
        settings.and_then(|settings| settings.get("aggregationKind")).and_then(Value::as_str);
    if kind != Some("AlertPerResult") {
        return "singleAlert";
    }
    let why = "for an alert per row, Sentinel has a limit of 150 a run; Defender has 100, and makes one of \
               rows that look alike";
    losses.push(Loss::of_detail("eventGroupingSettings", why));
    "alertPerEvent"
}
