//! A rule file: what kind of rule it is, and its query.

use granit_parser::ScalarStyle;
use kql_syntax::{Diagnostic, Span};

use crate::{
    lint,
    places::Places,
    yaml::{self, Node, Value, YamlError},
};

/// A file of YAML that may hold a rule.
#[derive(Clone, Debug)]
pub struct RuleFile {
    kind: Kind,
    query: Option<Query>,
    root: Node,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An analytics rule of Sentinel that runs on a schedule.
    Scheduled,
    /// An analytics rule of Sentinel that runs in near real time.
    NearRealTime,
    /// A custom detection of Defender.
    CustomDetection,
    /// Something else that may have a query: a hunting query, for example.
    Other,
}

/// A query within a file.
#[derive(Clone, Debug)]
pub struct Query {
    /// The text, as the language sees it.
    pub text: String,
    /// The way back to the file.
    pub places: Places,
    /// The whole of it in the file.
    pub(crate) span: Span,
    pub(crate) style: ScalarStyle,
}

impl RuleFile {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// If the text is no YAML.
    pub fn read(text: &str) -> Result<Self, YamlError> {
        let nothing = || Node { value: Value::Sequence(Vec::new()), span: Span::default() };
        let root = yaml::read(text)?.unwrap_or_else(nothing);
        let query = query_node(&root).and_then(|node| Query::of(node, text));
        Ok(Self { kind: Kind::of(&root), query, root })
    }

    /// Returns what the file is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the query, if the file has one.
    pub const fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    /// Says what Sentinel or Defender would not take, or take otherwise than meant.
    ///
    /// - `columns`: the names of the columns that the query yields; `None` if they are not known.
    ///
    /// Spans are places in the file; diagnostics are in order of place. A file that is no rule has
    /// none.
    pub fn lint(&self, columns: Option<&[String]>) -> Vec<Diagnostic> {
        let rule =
            lint::Rule { kind: self.kind, root: &self.root, query: self.query.as_ref(), columns };
        lint::lint(&rule)
    }
}

impl RuleFile {
    /// Says why the rule would not be run though its query could be: Sentinel does not save it, or
    /// its alerts would rest on nothing. Spans are places in the file.
    pub fn refusals(&self) -> Vec<Diagnostic> {
        let query = self.query.as_ref();
        let rule = lint::Rule { kind: self.kind, root: &self.root, query, columns: None };
        lint::refusals(&rule)
    }
}

/// Says, of a place, that a rule looks back less far than it runs often.
pub fn period_too_short(place: Span) -> Diagnostic {
    lint::period_too_short(place)
}

/// Says, of a place, that a trigger is met where no row is found.
pub fn fires_on_nothing(place: Span) -> Diagnostic {
    lint::fires_on_nothing(place)
}

impl Kind {
    fn of(root: &Node) -> Self {
        // What a rule on a schedule has and a hunting query has not.
        const SCHEDULE: [&str; 4] =
            ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"];
        match root.get("kind").and_then(Node::text) {
            Some("NRT") => Self::NearRealTime,
            Some("CustomDetection") => Self::CustomDetection,
            Some("Scheduled") => Self::Scheduled,
            _ if SCHEDULE.iter().any(|field| root.get(field).is_some()) => Self::Scheduled,
            _ if query_text(root).is_some() => Self::CustomDetection,
            _ => Self::Other,
        }
    }
}

impl Query {
    fn of(node: &Node, file: &str) -> Option<Self> {
        let Value::Scalar(scalar) = &node.value else { return None };
        if node.is_null() {
            return None;
        }
        let start = node.span.start as usize;
        let places = Places::align(&scalar.text, file, start, scalar.style);
        let text = scalar.text.clone();
        Some(Self { text, places, span: node.span, style: scalar.style })
    }
}

fn query_node(root: &Node) -> Option<&Node> {
    root.get("query").or_else(|| query_text(root))
}

fn query_text(root: &Node) -> Option<&Node> {
    root.get("properties")?.get("queryCondition")?.get("queryText")
}
