//! A rule as a hunt runs it, whatever form it is written in.

mod alert_settings;
mod custom_detection;

use kql_syntax::{Code, Diagnostic, Severity, Span};

pub use self::alert_settings::{AlertSettings, GroupingSettings, IncidentSettings};

use crate::{
    code, lint,
    period::Period,
    rule::{Kind, RuleFile},
    trigger::TriggerOperator,
    yaml::Node,
};

/// What a hunt needs to know of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The rule's id; `None` if the file has none.
    pub id: Option<String>,
    /// The name that people see.
    pub name: String,
    /// What the rule finds and why that matters.
    pub description: String,
    /// How bad a finding is: `High`, in any case.
    pub severity: String,
    /// How often the rule runs; `None` for near real time.
    pub frequency: Option<Period>,
    /// How far each run looks back.
    pub period: Option<Period>,
    /// How rows compare to the threshold.
    pub operator: TriggerOperator,
    /// The threshold.
    pub threshold: u64,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Entities: their types, and for each identifier its column.
    pub entities: Vec<(String, Vec<(String, String)>)>,
    /// The column that holds an alert's severity.
    pub severity_column: Option<String>,
    /// The rule's version, or nothing.
    pub version: String,
    /// What becomes of rows: Sentinel's defaults for a custom detection.
    pub alerts: AlertSettings,
    /// It is a custom detection of Defender.
    pub is_custom_detection: bool,
}

/// What keeps a rule from running here, of all that its lints may say. A lint that only Sentinel's
/// portal or the public repository minds does not.
const FATAL: &[Code] = &[
    code::NO_YAML,
    code::UNKNOWN_VALUE,
    code::INVALID_PERIOD,
    code::INVALID_THRESHOLD,
    code::WRONG_FORM,
    code::REPEATED_KEY,
    code::OPEN_EXPRESSION,
];

/// Fields that have to be there.
const NEEDED: &[&str] = &["name", "severity", "query"];

impl RuleFile {
    /// Returns the rule as a hunt runs it.
    ///
    /// # Errors
    ///
    /// What keeps it from running: all of it is among what [`RuleFile::lint`] says, but for
    /// [`code::NO_RULE`] of a query without a rule around it.
    pub fn definition(&self) -> Result<Definition, Vec<Diagnostic>> {
        let start = self.root.entries().first().map_or(self.root.span, |(key, _)| key.span);
        let problems = self.lint(None);
        if self.kind() == Kind::Other {
            if problems.iter().any(is_fatal) {
                return Err(problems.into_iter().filter(is_fatal).collect());
            }
            let message = "a query without a rule around it: no severity and no schedule";
            let error = Diagnostic::error(code::NO_RULE, start, message);
            return Err(vec![error.with_help(
                "a hunting query runs by `quarry query`; a rule has `severity`, `queryFrequency`, \
                 `queryPeriod`, `triggerOperator` and `triggerThreshold`",
            )]);
        }
        let is_missing_need = |it: &Diagnostic| {
            it.code == code::MISSING_FIELD
                && NEEDED.iter().any(|field| it.message.ends_with(&format!("`{field}`")))
        };
        let fatal: Vec<Diagnostic> =
            problems.into_iter().filter(|it| is_fatal(it) || is_missing_need(it)).collect();
        if !fatal.is_empty() {
            return Err(fatal);
        }
        Ok(match self.kind() {
            Kind::CustomDetection => custom_detection::definition(&self.root),
            _ => analytics(&self.root, self.kind())?,
        })
    }
}

fn is_fatal(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error && FATAL.contains(&diagnostic.code)
}

/// Returns how far a rule's runs look back, what says so, and where that stands; `None` if nothing does.
pub(crate) fn look_back_of(
    root: &Node,
    kind: Kind,
) -> Option<(Period, &'static str, Option<Span>)> {
    match kind {
        Kind::Scheduled => {
            let node = root.get("queryPeriod")?;
            let period = given(node).and_then(Period::parse)?;
            Some((period, "`queryPeriod`", Some(node.span)))
        }
        Kind::CustomDetection => {
            let definition = custom_detection::definition(root);
            let place = root.at(&["properties", "schedule"]).map(|node| node.span);
            Some((definition.period?, "the schedule", place))
        }
        Kind::NearRealTime | Kind::Other => None,
    }
}

fn analytics(root: &Node, kind: Kind) -> Result<Definition, Vec<Diagnostic>> {
    let is_scheduled = kind == Kind::Scheduled;
    let period = |field| text(root, field).and_then(Period::parse).filter(|_| is_scheduled);
    let operator = match root.get("triggerOperator").filter(|_| is_scheduled) {
        Some(node) if let Some(name) = given(node) => trigger_operator(node, name)?,
        _ => TriggerOperator::default(),
    };
    let threshold = text(root, "triggerThreshold").filter(|_| is_scheduled);
    Ok(Definition {
        id: text(root, "id").map(str::to_owned),
        name: owned(root, "name"),
        description: owned(root, "description"),
        severity: owned(root, "severity"),
        frequency: period("queryFrequency"),
        period: period("queryPeriod"),
        operator,
        threshold: threshold.and_then(|threshold| threshold.parse().ok()).unwrap_or(0),
        tactics: texts(root.get("tactics")),
        techniques: techniques(root),
        entities: root
            .get("entityMappings")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(entity)
            .collect(),
        severity_column: root
            .at(&["alertDetailsOverride", "alertSeverityColumnName"])
            .and_then(given)
            .map(str::to_owned),
        version: owned(root, "version"),
        alerts: alert_settings::alert_settings(root),
        is_custom_detection: false,
    })
}

/// Returns how rows compare to the threshold.
///
/// - `node`: what has its name.
fn trigger_operator(node: &Node, name: &str) -> Result<TriggerOperator, Vec<Diagnostic>> {
    TriggerOperator::parse(name).ok_or_else(|| {
        let message = format!("`{name}` is not a trigger operator");
        vec![Diagnostic::error(code::UNKNOWN_VALUE, node.span, message)]
    })
}

/// Returns the techniques: the field's own, and those that a rule's tags name.
fn techniques(root: &Node) -> Vec<String> {
    let mut techniques = texts(root.get("relevantTechniques"));
    for tag in texts(root.get("tags")) {
        // `attack.t1021.002`, as other rule sets write it, or the id alone.
        let id = tag.to_ascii_uppercase();
        let id = id.strip_prefix("ATTACK.").unwrap_or(&id);
        if lint::is_technique(id) && !techniques.iter().any(|it| it == id) {
            techniques.push(id.to_owned());
        }
    }
    techniques
}

fn entity(mapping: &Node) -> Option<(String, Vec<(String, String)>)> {
    let fields = mapping.get("fieldMappings").map(Node::items).unwrap_or_default();
    let fields = fields.iter().filter_map(|field| {
        Some((text(field, "identifier")?.to_owned(), text(field, "columnName")?.to_owned()))
    });
    Some((text(mapping, "entityType")?.to_owned(), fields.collect()))
}

fn text<'n>(node: &'n Node, field: &str) -> Option<&'n str> {
    node.get(field).and_then(given)
}

/// Returns a field's text, unless the field says that it is not there.
fn given(node: &Node) -> Option<&str> {
    if node.is_null() { None } else { node.text() }
}

fn owned(node: &Node, field: &str) -> String {
    text(node, field).unwrap_or_default().to_owned()
}

fn texts(list: Option<&Node>) -> Vec<String> {
    let items = list.map(Node::items).unwrap_or_default();
    items.iter().filter_map(given).map(str::to_owned).collect()
}
