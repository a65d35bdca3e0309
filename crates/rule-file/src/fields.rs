//! A rule as plain data, by the names that Sentinel's YAML has for its fields: what every form is
//! written from.
//!
//! In: a [`RuleFile`], whatever form it was read from. Out: [`Fields`], nothing of the rule left out.
//! Places in the file are not kept.

mod value;

use kql_syntax::{Diagnostic, Span};
use serde_json::{Map, Value};

use crate::{
    code,
    export::{HuntingQuery, Loss},
    lint,
    period::Period,
    rule::{Form, Kind, RuleFile},
    yaml::Node,
};

pub(crate) use self::value::{Typing, of as value_of};

/// A rule as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// What the rule is; [`Kind::Other`] never.
    pub(crate) kind: Kind,
    /// Its fields. Those of a custom detection are `kind`, `properties` and what stands beside them.
    pub(crate) map: Map<String, Value>,
}

/// The fields of an analytics rule in the order that the public repository has them in. What is not
/// listed stands before the last two.
const ORDER: &[&str] = &[
    "id",
    "name",
    "description",
    "severity",
    "enabled",
    "status",
    "requiredDataConnectors",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "startTimeUtc",
    "tactics",
    "relevantTechniques",
    "tags",
    "query",
    "suppressionEnabled",
    "suppressionDuration",
    "entityMappings",
    "sentinelEntitiesMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
    "incidentConfiguration",
    "alertRuleTemplateName",
    "templateVersion",
    "lastModifiedUtc",
];

/// The fields that stand at the end.
const LAST: [&str; 2] = ["version", "kind"];

/// How rows compare to the threshold, as YAML and as the API writes it.
pub(crate) const OPERATORS: [(&str, &str); 4] =
    [("gt", "GreaterThan"), ("lt", "LessThan"), ("eq", "Equal"), ("ne", "NotEqual")];

impl RuleFile {
    /// Returns all of the rule as data.
    ///
    /// # Errors
    ///
    /// What of it cannot be told: values that only a deployment decides, keys that stand twice, a file
    /// that is no rule. Spans are places in the file.
    pub fn fields(&self) -> Result<Fields, Vec<Diagnostic>> {
        let mut problems = self.unreadable();
        if self.kind() == Kind::Other {
            problems.push(Diagnostic::error(code::NO_RULE, self.start(), "no rule stands here"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let map = match self.form() {
            Form::Detection => self.detection(),
            Form::Yaml | Form::Resource if self.kind() == Kind::CustomDetection => self.detection(),
            Form::Yaml | Form::Resource => self.analytics(),
        };
        Ok(Fields { kind: self.kind(), map: map.map_err(|error| vec![error])? })
    }

    /// Tells whether it is a hunting query of the public repository: it has no schedule, and an id and a
    /// name, which a query that stands in some other file has not.
    pub(crate) fn is_hunting_query(&self) -> bool {
        let has = |field: &str| self.root.get(field).is_some();
        let is_other = self.kind() == Kind::Other && self.form() == Form::Yaml;
        is_other && ["id", "name", "query"].into_iter().all(has)
    }

    /// Returns all of a hunting query as data.
    ///
    /// # Errors
    ///
    /// What of it cannot be told.
    pub(crate) fn hunting_query(&self) -> Result<HuntingQuery, Vec<Diagnostic>> {
        let problems = self.unreadable();
        if !problems.is_empty() {
            return Err(problems);
        }
        let map = self.analytics().map_err(|error| vec![error])?;
        Ok(HuntingQuery::new(map))
    }

    /// Returns what keeps the file's values from being known.
    fn unreadable(&self) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> = self.problems().to_vec();
        for span in self.undecided() {
            let message = "the value is not known before the template is deployed";
            let error = Diagnostic::error(code::OPEN_EXPRESSION, *span, message)
                .with_help("give the parameter a `defaultValue`, or write the value here");
            problems.push(error);
        }
        problems.sort_by_key(|problem| problem.span);
        problems.dedup_by_key(|problem| problem.span);
        problems
    }

    fn detection(&self) -> Result<Map<String, Value>, Diagnostic> {
        let mut map = Map::new();
        if !self.root.has("kind") {
            map.insert("kind".to_owned(), Value::from("CustomDetection"));
        }
        map.append(&mut value::map_of(&self.root, Typing::Own)?);
        Ok(map)
    }

    fn analytics(&self) -> Result<Map<String, Value>, Diagnostic> {
        let mut map = Map::new();
        for (key, node) in self.root.entries() {
            let Some(name) = key.text() else { return Err(value::no_key(key)) };
            if node.is_null() {
                continue;
            }
            let typing = if value::is_known(name) { Typing::Known } else { Typing::Own };
            map.insert(name.to_owned(), value::of(node, name, typing)?);
        }
        if let Some(text) = self.root.get("description").and_then(without_quotes) {
            map.insert("description".to_owned(), Value::from(text));
        }
        if self.form() == Form::Resource {
            as_yaml_says(&mut map);
        }
        merge_techniques(&mut map);
        Ok(map)
    }

    /// Says what of the rule another form has no place for, at the field's place.
    ///
    /// What is left behind is a warning, what keeps the rule from being written an error.
    pub fn no_form(&self, loss: &Loss, is_left_behind: bool) -> Diagnostic {
        let place = self.root.entry(loss.field).map_or_else(|| self.start(), |(key, _)| key.span);
        let message = format!("`{}`: {}", loss.field, loss.why);
        if is_left_behind {
            return Diagnostic::warning(code::NO_FORM, place, message);
        }
        let error = Diagnostic::error(code::NO_FORM, place, message);
        if loss.is_detail { error.with_help("`--lossy` leaves it behind") } else { error }
    }

    /// Tells whether a query names a table of Defender's own.
    pub fn names_defender_table(query: &str) -> bool {
        lint::defender_table(query).is_some()
    }

    /// Returns where the rule begins in its file.
    pub(crate) fn start(&self) -> Span {
        let at = self.root.span.start;
        self.root.entries().first().map_or(Span::new(at, at), |(key, _)| key.span)
    }
}

impl Fields {
    /// Returns the rule's id.
    pub fn id(&self) -> Option<&str> {
        self.text("id").or_else(|| self.property("id"))
    }

    /// Returns the name that people see; empty if there is none.
    pub fn name(&self) -> &str {
        self.text("name").or_else(|| self.property("displayName")).unwrap_or_default()
    }

    /// Tells whether it is a custom detection of Defender.
    pub fn is_detection(&self) -> bool {
        self.kind == Kind::CustomDetection
    }

    /// Returns the fields in their usual order; those of a custom detection are as they were.
    pub(crate) fn in_order(&self) -> Map<String, Value> {
        if self.is_detection() { self.map.clone() } else { ordered(self.map.clone()) }
    }

    /// Returns the text of a field that is there and is one.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.map.get(field).and_then(Value::as_str)
    }

    fn property(&self, field: &str) -> Option<&str> {
        self.map.get("properties")?.get(field)?.as_str()
    }
}

/// Returns fields of a rule or a hunting query in the order that the public repository has them in.
pub(crate) fn ordered(fields: Map<String, Value>) -> Map<String, Value> {
    let mut rest = fields;
    let mut map = Map::new();
    let last = LAST.map(|name| (name, rest.shift_remove(name)));
    for name in ORDER {
        if let Some(value) = rest.shift_remove(*name) {
            map.insert((*name).to_owned(), value);
        }
    }
    map.append(&mut rest);
    for (name, value) in last {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    }
    map
}

/// Writes what the API writes otherwise as YAML does: lengths of time, and the trigger.
fn as_yaml_says(map: &mut Map<String, Value>) {
    for field in ["queryFrequency", "queryPeriod", "suppressionDuration"] {
        shorten(map.get_mut(field));
    }
    let grouping = map.get_mut("incidentConfiguration");
    let grouping = grouping.and_then(|it| it.get_mut("groupingConfiguration"));
    shorten(grouping.and_then(|it| it.get_mut("lookbackDuration")));
    if let Some(operator) = map.get_mut("triggerOperator") {
        let known = OPERATORS.iter().find(|(_, long)| operator.as_str() == Some(long));
        if let Some((short, _)) = known {
            *operator = Value::from(*short);
        }
    }
}

fn shorten(value: Option<&mut Value>) {
    let Some(value) = value else { return };
    if let Some(period) = value.as_str().and_then(Period::parse) {
        *value = Value::from(period.short());
    }
}

/// Puts the techniques that the API's own names hold behind those of YAML's.
fn merge_techniques(map: &mut Map<String, Value>) {
    let mut more: Vec<Value> = Vec::new();
    for name in ["techniques", "subTechniques"] {
        if let Some(Value::Array(items)) = map.shift_remove(name) {
            more.extend(items);
        }
    }
    if more.is_empty() {
        return;
    }
    let all = map.entry("relevantTechniques").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(all) = all {
        for technique in more {
            if !all.contains(&technique) {
                all.push(technique);
            }
        }
    }
}

/// Returns a description without the quotes that the public repository writes around it, inside of the
/// block; `None` if there are none.
fn without_quotes(node: &Node) -> Option<&str> {
    let text = node.text().filter(|_| node.is_block())?;
    let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    // `'a' and 'b'` is not one quotation.
    let chars: Vec<char> = inner.chars().collect();
    let is_word = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|char| char.is_alphanumeric())
    };
    let places = chars.iter().enumerate().filter(|(_, char)| **char == '\'').map(|(at, _)| at);
    let outer: Vec<(bool, bool)> = places
        .map(|at| (is_word(at.checked_sub(1)), is_word(at.checked_add(1))))
        .filter(|beside| *beside != (true, true))
        .collect();
    let closes_first = outer.first().is_some_and(|(before, _)| *before);
    let opens_last = outer.last().is_some_and(|(_, behind)| *behind);
    (!(closes_first && opens_last)).then_some(inner)
}
