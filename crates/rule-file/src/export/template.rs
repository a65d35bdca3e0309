//! What is deployed, whatever language says it: rules and watchlists as resources.
//!
//! A rule as Sentinel keeps it has no place for a few fields of its YAML, such as its version and the
//! connectors that it needs. They stand in the template's metadata, under the rule's id.

use serde_json::{Map, Value};

use super::{HuntingQuery, Loss, Watchlist};
use crate::{
    Kind,
    fields::{Fields, OPERATORS},
    period::Period,
};

/// The version of the API that the resources are written for. It is the one that the portal exports
/// rules for, and has near-real-time rules and sub-techniques, which stable versions have not.
///
/// Source: <https://learn.microsoft.com/azure/templates/microsoft.securityinsights/2023-12-01-preview/alertrules>
pub const API_VERSION: &str = "2023-12-01-preview";

/// The version of the API by which Bicep names the workspace.
pub const WORKSPACES_API_VERSION: &str = "2022-10-01";

/// The version of the API that saved searches are written for.
pub(super) const SAVED_SEARCHES_API_VERSION: &str = "2020-08-01";

/// The type of hunting queries: a workspace keeps them, not Sentinel.
pub(super) const SAVED_SEARCHES: &str = "savedSearches";

/// The name of what of a template's metadata is ours.
pub(crate) const METADATA: &str = "quarry";

/// What a rule that says nothing of suppression is deployed with: none, and the portal's own length.
const SUPPRESSION: &str = "5h";

/// Resources in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub(super) resources: Vec<Resource>,
    /// By rule: the fields that a deployed rule has no place for.
    pub(super) beside: Map<String, Value>,
    /// By hunting query, the same.
    beside_hunting: Map<String, Value>,
}

/// A rule, a watchlist or a hunting query.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// `alertRules`, `watchlists` or `savedSearches`.
    pub(super) ty: &'static str,
    pub(super) name: String,
    /// `Scheduled` or `NRT`, of a rule.
    pub(super) kind: Option<&'static str>,
    pub(super) properties: Map<String, Value>,
    /// The watchlists that have to be there before it.
    pub(super) needs: Vec<String>,
}

impl Template {
    /// Begins with the watchlists, which rules read.
    pub fn new(watchlists: &[Watchlist]) -> Self {
        let resources = watchlists.iter().map(|watchlist| Resource {
            ty: "watchlists",
            name: watchlist.alias.clone(),
            kind: None,
            properties: watchlist.properties(),
            needs: Vec::new(),
        });
        Self { resources: resources.collect(), ..Self::default() }
    }

    /// Adds a rule.
    ///
    /// # Errors
    ///
    /// What keeps it from being deployed.
    pub fn add(&mut self, rule: &Fields) -> Result<(), Vec<Loss>> {
        let mut losses = Vec::new();
        let kind = match rule.kind {
            Kind::Scheduled => "Scheduled",
            Kind::NearRealTime => "NRT",
            Kind::CustomDetection | Kind::Other => {
                let why = "a custom detection of Defender is no analytics rule of a workspace: \
                           write it with `--as defender`";
                return Err(vec![Loss::of_alerts("kind", why)]);
            }
        };
        let Some(id) = rule.id() else {
            return Err(vec![Loss::of_alerts("id", "a deployed rule is named by its id")]);
        };
        let is_there = |resource: &Resource| resource.kind.is_some() && resource.name == id;
        if self.resources.iter().any(is_there) {
            let why = format!("`{id}` is another rule's already, which this one would replace");
            return Err(vec![Loss::of_alerts("id", why)]);
        }
        let mut beside = Map::new();
        let properties = properties(rule, &mut beside, &mut losses);
        if !losses.is_empty() {
            return Err(losses);
        }
        let query = rule.text("query").unwrap_or_default();
        let lists = self.resources.iter().filter(|resource| resource.ty == "watchlists");
        let needs = lists.map(|list| list.name.clone()).filter(|alias| reads(query, alias));
        let needs = needs.collect();
        if !beside.is_empty() {
            self.beside.insert(id.to_owned(), Value::Object(beside));
        }
        let name = id.to_owned();
        self.resources.push(Resource {
            ty: "alertRules",
            name,
            kind: Some(kind),
            properties,
            needs,
        });
        Ok(())
    }

    /// Adds a hunting query.
    ///
    /// # Errors
    ///
    /// What keeps it from being deployed.
    pub fn add_hunting_query(&mut self, query: &HuntingQuery) -> Result<(), Vec<Loss>> {
        let (properties, beside) = query.saved_search()?;
        let name = query.id().to_owned();
        let is_there = |it: &Resource| it.ty == SAVED_SEARCHES && it.name == name;
        if self.resources.iter().any(is_there) {
            let why = format!("`{name}` is another query's already, which this one would replace");
            return Err(vec![Loss::of_alerts("id", why)]);
        }
        if !beside.is_empty() {
            self.beside_hunting.insert(name.clone(), Value::Object(beside));
        }
        let (ty, kind, needs) = (SAVED_SEARCHES, None, Vec::new());
        self.resources.push(Resource { ty, name, kind, properties, needs });
        Ok(())
    }

    /// Returns what stands in the template's metadata; nothing if there is nothing to say.
    pub(super) fn metadata(&self) -> Option<Value> {
        let mut map = Map::new();
        for (name, beside) in [("rules", &self.beside), ("huntingQueries", &self.beside_hunting)] {
            if !beside.is_empty() {
                map.insert(name.to_owned(), Value::Object(beside.clone()));
            }
        }
        (!map.is_empty()).then_some(Value::Object(map))
    }
}

/// Tells whether a query asks for a watchlist.
fn reads(query: &str, alias: &str) -> bool {
    let calls = query.match_indices("_GetWatchlist").filter_map(|(at, _)| query.get(at..));
    calls.into_iter().any(|call| {
        let argument = call.split_once('(').map_or("", |(_, rest)| rest.trim_start());
        let quoted = ['\'', '"'].into_iter().find_map(|quote| {
            argument.strip_prefix(quote)?.split_once(quote).map(|(name, _)| name)
        });
        quoted.is_some_and(|name| name.eq_ignore_ascii_case(alias))
    })
}

/// Fields that the API has by the same name and in the same form.
const SAME: &[&str] = &[
    "startTimeUtc",
    "tactics",
    "alertRuleTemplateName",
    "templateVersion",
    "lastModifiedUtc",
    "incidentConfiguration",
    "eventGroupingSettings",
    "alertDetailsOverride",
    "customDetails",
    "entityMappings",
    "sentinelEntitiesMappings",
];

/// Returns a rule's properties in the API's form; what it has no place for goes to `beside`.
fn properties(
    rule: &Fields,
    beside: &mut Map<String, Value>,
    losses: &mut Vec<Loss>,
) -> Map<String, Value> {
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    let mut reader = Reader { rule, losses };
    put("displayName", reader.needed("name"));
    if let Some(description) = rule.map.get("description") {
        put("description", description.clone());
    }
    put("severity", reader.needed("severity"));
    put("enabled", rule.map.get("enabled").cloned().unwrap_or(Value::Bool(true)));
    put("query", reader.needed("query"));
    let is_scheduled = rule.kind == Kind::Scheduled;
    if is_scheduled {
        put("queryFrequency", reader.period("queryFrequency", None));
        put("queryPeriod", reader.period("queryPeriod", None));
        put("triggerOperator", reader.operator());
        put("triggerThreshold", reader.needed("triggerThreshold"));
    }
    put("suppressionDuration", reader.period("suppressionDuration", Some(SUPPRESSION)));
    put(
        "suppressionEnabled",
        rule.map.get("suppressionEnabled").cloned().unwrap_or(Value::Bool(false)),
    );
    for field in SAME {
        let Some(value) = rule.map.get(*field) else { continue };
        let mut value = value.clone();
        if *field == "incidentConfiguration" {
            reader.look_back(&mut value);
        }
        put(field, value);
        if *field == "tactics" {
            reader.techniques(&mut put);
        }
    }
    if !rule.map.contains_key("tactics") {
        reader.techniques(&mut put);
    }
    for (name, value) in &rule.in_order() {
        let name = name.as_str();
        let of_schedule = ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"];
        let is_written = SAME.contains(&name)
            || WRITTEN.contains(&name)
            || (is_scheduled && of_schedule.contains(&name));
        // Of techniques, the deployed rule says which there are, but not always in what order.
        let is_same = name != "relevantTechniques" || read_back(value) == *value;
        if !(is_written && is_same) {
            beside.insert(name.to_owned(), value.clone());
        }
    }
    map
}

/// Fields that are written by another name, or are the resource's own.
const WRITTEN: &[&str] = &[
    "id",
    "name",
    "kind",
    "description",
    "severity",
    "enabled",
    "query",
    "suppressionDuration",
    "suppressionEnabled",
    "relevantTechniques",
];

/// Reads fields, and notes what is missing or cannot be said.
struct Reader<'r> {
    rule: &'r Fields,
    losses: &'r mut Vec<Loss>,
}

impl Reader<'_> {
    fn needed(&mut self, field: &'static str) -> Value {
        let value = self.rule.map.get(field).cloned();
        value.unwrap_or_else(|| {
            self.losses.push(Loss::of_alerts(field, "a deployed rule has to have it"));
            Value::Null
        })
    }

    fn period(&mut self, field: &'static str, otherwise: Option<&str>) -> Value {
        let given = match (self.rule.map.get(field), otherwise) {
            (None, Some(otherwise)) => Value::from(otherwise),
            _ => self.needed(field),
        };
        self.iso(field, &given)
    }

    fn iso(&mut self, field: &'static str, given: &Value) -> Value {
        let Some(period) = given.as_str().and_then(Period::parse) else {
            if !given.is_null() {
                self.losses.push(Loss::of_alerts(field, format!("{given} is no length of time")));
            }
            return Value::Null;
        };
        Value::from(period.iso())
    }

    fn look_back(&mut self, incident: &mut Value) {
        let grouping = incident.get_mut("groupingConfiguration");
        if let Some(length) = grouping.and_then(|grouping| grouping.get_mut("lookbackDuration")) {
            *length = self.iso("incidentConfiguration", &length.clone());
        }
    }

    fn operator(&mut self) -> Value {
        let given = self.needed("triggerOperator");
        let is_it =
            |(short, long): &&(&str, &str)| [Some(*short), Some(*long)].contains(&given.as_str());
        if let Some((_, long)) = OPERATORS.iter().find(is_it) {
            return Value::from(*long);
        }
        if !given.is_null() {
            let why = format!("{given} is no way to compare with the threshold");
            self.losses.push(Loss::of_alerts("triggerOperator", why));
        }
        Value::Null
    }

    fn techniques(&self, put: &mut impl FnMut(&str, Value)) {
        let Some(Value::Array(listed)) = self.rule.map.get("relevantTechniques") else { return };
        let (techniques, parts) = techniques_of(listed);
        put("techniques", Value::Array(techniques));
        put("subTechniques", Value::Array(parts));
    }
}

/// Returns techniques as the API has them: those without their parts, and the parts.
pub(crate) fn techniques_of(listed: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let (mut techniques, mut parts) = (Vec::new(), Vec::new());
    for technique in listed {
        let whole = match technique.as_str().and_then(|id| id.split_once('.')) {
            Some((whole, _)) => {
                if !parts.contains(technique) {
                    parts.push(technique.clone());
                }
                Value::from(whole)
            }
            None => technique.clone(),
        };
        if !techniques.contains(&whole) {
            techniques.push(whole);
        }
    }
    (techniques, parts)
}

/// Returns the techniques as they are read from a deployed rule.
fn read_back(listed: &Value) -> Value {
    let Value::Array(listed) = listed else { return Value::Null };
    let (mut techniques, parts) = techniques_of(listed);
    techniques.extend(parts);
    Value::Array(techniques)
}
