//! A rule as a file holds it: what kind of rule it is, and its query.

use granit_parser::ScalarStyle;
use kql_syntax::{Diagnostic, Severity, Span};

use crate::{
    code, lint,
    places::Places,
    yaml::{self, Node, Value, YamlError},
};

/// A rule, or something else that has a query, as a file holds it.
#[derive(Clone, Debug)]
pub struct RuleFile {
    kind: Kind,
    form: Form,
    query: Option<Query>,
    pub(crate) root: Node,
    /// What is wrong with how the file is written.
    problems: Vec<Diagnostic>,
    /// Where expressions stand that have no value before the deployment.
    open: Vec<Span>,
    /// All such places within the rule's fields, those that a hunt does not need too.
    undecided: Vec<Span>,
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

/// How a rule is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With Sentinel's fields side by side, as the public repository has it.
    Yaml,
    /// As a resource of a deployment template or of the API.
    Resource,
    /// As a custom detection.
    Detection,
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
    /// Where a comment of YAML ends a plain text.
    pub(crate) cut_at: Option<Span>,
    /// Where in the text a blank stands for the end of a line in the file.
    folds: Vec<u32>,
}

impl RuleFile {
    /// Reads the first rule of a YAML text.
    ///
    /// # Errors
    ///
    /// If the text is no YAML.
    pub fn read(text: &str) -> Result<Self, YamlError> {
        let root = yaml::read(text)?.documents.into_iter().next().unwrap_or_default();
        Ok(Self::of(Form::Yaml, root, &[], text))
    }

    /// Makes a rule of its node.
    pub(crate) fn of(form: Form, root: Node, open: &[Span], text: &str) -> Self {
        let query = query_node(&root).and_then(|node| Query::of(node, text));
        let mut this = Self {
            kind: Kind::of(&root),
            form,
            query,
            root,
            problems: Vec::new(),
            open: Vec::new(),
            undecided: Vec::new(),
        };
        this.undecided = this.within_fields(open);
        this.report_open(open);
        this
    }

    /// Returns a resource with its fields side by side, by the names that Sentinel's YAML has for them.
    pub(crate) fn as_rule(resource: &Node, properties: &Node) -> Node {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut techniques: Option<(Node, Node)> = None;
        for (key, value) in properties.entries() {
            let renamed = |name: &str| key.renamed(name);
            match key.text() {
                Some("displayName") => entries.push((renamed("name"), value.clone())),
                Some("techniques" | "subTechniques") if value.is_null() => {}
                Some("techniques" | "subTechniques") => {
                    let name = renamed("relevantTechniques");
                    let (_, all) = techniques.get_or_insert((name, value.with_items(Vec::new())));
                    let mut items = all.items().to_vec();
                    items.extend(value.items().iter().cloned());
                    *all = all.with_items(items);
                }
                // Null says that a field is not there.
                _ if value.is_null() => {}
                _ => entries.push((key.clone(), value.clone())),
            }
        }
        entries.extend(techniques);
        if let Some((key, kind)) = resource.entry("kind") {
            entries.push((key.clone(), kind.clone()));
        }
        let mut names = ["id", "name"].iter().filter_map(|field| resource.entry(field));
        let named = names.find_map(|(key, name)| Some((key, name, guid_in(name.text()?)?)));
        if let Some((key, name, guid)) = named {
            entries.push((key.renamed("id"), name.renamed(&guid)));
        }
        Node { value: Value::Mapping(entries), span: resource.span, is_computed: true }
    }

    /// Returns a custom detection as Graph has it in the form that its YAML has.
    pub(crate) fn as_properties(detection: &Node) -> Node {
        let key = Node { span: detection.span, ..Node::default() }.renamed("properties");
        let value = Value::Mapping(vec![(key, detection.clone())]);
        Node { value, span: detection.span, is_computed: true }
    }

    /// Tells whether a mapping has what only rules have, with a query or without.
    pub(crate) fn is_meant_as_rule(node: &Node) -> bool {
        Kind::of(node) != Kind::Other
    }

    /// Adds what is wrong with how the file is written, if it is within this rule.
    pub(crate) fn add_problem(&mut self, problem: &Diagnostic) {
        let span = self.root.span;
        let is_within = problem.span.start >= span.start && problem.span.start <= span.end;
        if is_within || span == Span::default() {
            self.problems.push(problem.clone());
        }
    }

    /// Reports fields whose value only the deployment decides.
    fn report_open(&mut self, open: &[Span]) {
        const NEEDED: [&str; 7] = [
            "query",
            "name",
            "severity",
            "queryFrequency",
            "queryPeriod",
            "triggerOperator",
            "triggerThreshold",
        ];
        for field in NEEDED {
            let Some(node) = self.root.get(field).filter(|node| open.contains(&node.span)) else {
                continue;
            };
            let message =
                format!("the value of `{field}` is not known before the template is deployed");
            let error = Diagnostic::error(code::OPEN_EXPRESSION, node.span, message)
                .with_help("give the parameter a `defaultValue`, or write the value here");
            self.problems.push(error);
            self.open.push(node.span);
        }
        if self.query.as_ref().is_some_and(|query| self.open.contains(&query.span)) {
            self.query = None;
        }
    }

    /// Returns those places that are within the values of fields: a resource's name, which says where it
    /// is deployed, is none of them.
    fn within_fields(&self, open: &[Span]) -> Vec<Span> {
        let is_field = |key: &Node| match self.form {
            Form::Detection => key.text() == Some("properties"),
            Form::Resource => key.text() != Some("id"),
            Form::Yaml => true,
        };
        let fields = || self.root.entries().iter().filter(|(key, _)| is_field(key));
        let is_within = |span: &&Span| fields().any(|(_, value)| value.stands_at(**span));
        open.iter().filter(is_within).copied().collect()
    }

    /// Adds places at which only the deployment decides what becomes of the rule.
    pub(crate) fn add_undecided(&mut self, places: Vec<Span>) {
        self.undecided.extend(places);
    }

    /// Returns what is wrong with how the file is written.
    pub(crate) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Returns where values stand that only the deployment decides.
    pub(crate) fn undecided(&self) -> &[Span] {
        &self.undecided
    }

    /// Returns what the file is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns how the rule is written down.
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Returns the query, if the file has one.
    pub const fn query(&self) -> Option<&Query> {
        self.query.as_ref()
    }

    /// Says what Sentinel or Defender would not take, or take otherwise than meant.
    ///
    /// - `columns`: the names of the columns that the query yields; `None` if they are not known.
    ///
    /// Spans are places in the file; diagnostics are in order of place. Of a file that is no rule only
    /// is said what is wrong with how it is written.
    pub fn lint(&self, columns: Option<&[String]>) -> Vec<Diagnostic> {
        let (kind, form) = (self.kind, self.form);
        let query = self.query.as_ref();
        let mut found = lint::lint(&lint::Rule { kind, form, root: &self.root, query, columns });
        // What is not known is neither missing nor wrong.
        found.retain(|it| !self.open.contains(&it.span));
        if self.problems.iter().any(|problem| problem.code == code::OPEN_EXPRESSION) {
            found.retain(|it| it.code != code::MISSING_FIELD);
        }
        found.extend(self.problems.iter().cloned());
        found.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
        found
    }
}

impl RuleFile {
    /// Says why the rule would not be run though its query could be: Sentinel does not save it, or
    /// its alerts would rest on nothing. Spans are places in the file.
    pub fn refusals(&self) -> Vec<Diagnostic> {
        let query = self.query.as_ref();
        let rule =
            lint::Rule { kind: self.kind, form: self.form, root: &self.root, query, columns: None };
        lint::refusals(&rule)
    }
}

/// What a field has to be for Sentinel to run the rule, beside what keeps a file from being read.
const NOT_FOR_SENTINEL: [&str; 2] = ["`id`", "`kind`"];

impl RuleFile {
    /// Says why Sentinel would not save the rule: all reasons, in order of place.
    ///
    /// What only the public repository's checks or a deployment by hand mind, such as an id that is not
    /// a GUID, is none: Sentinel gives the id itself.
    pub fn deployment_errors(&self) -> Vec<Diagnostic> {
        let mut found = self.lint(None);
        found.retain(|it| {
            let is_name = |name: &&str| it.message.ends_with(name);
            let is_free = it.code == code::INVALID_ID
                || it.code == code::MISSING_FIELD && NOT_FOR_SENTINEL.iter().any(is_name);
            it.severity == Severity::Error && !is_free
        });
        found
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

/// Says, of a place, that a rule runs in Defender and not in Sentinel.
pub fn not_of_sentinel(place: Span) -> Diagnostic {
    lint::not_of_sentinel(place)
}

/// Returns the last GUID in a text, in lower case.
fn guid_in(text: &str) -> Option<String> {
    let is_part = |char: char| char.is_ascii_hexdigit() || char == '-';
    let mut parts = text.rsplit(|char| !is_part(char));
    parts.find(|part| lint::is_guid(part)).map(str::to_ascii_lowercase)
}

impl Kind {
    fn of(root: &Node) -> Self {
        // What a rule has and a hunting query has not.
        const OF_RULES: [&str; 4] =
            ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"];
        // A severity is no rule's alone: a list of behaviours has severities too.
        const BESIDE_SEVERITY: [&str; 6] = [
            "query",
            "description",
            "tactics",
            "relevantTechniques",
            "requiredDataConnectors",
            "entityMappings",
        ];
        let has = |field: &&str| root.get(field).is_some();
        let is_graded = has(&"severity") && BESIDE_SEVERITY.iter().any(has);
        match root.get("kind").and_then(Node::text) {
            Some(kind) if kind.eq_ignore_ascii_case("NRT") => Self::NearRealTime,
            Some("CustomDetection") => Self::CustomDetection,
            Some(kind) if kind.eq_ignore_ascii_case("Scheduled") => Self::Scheduled,
            _ if is_graded || OF_RULES.iter().any(has) => Self::Scheduled,
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
        let places = if node.is_computed {
            Places::computed(node.span, file)
        } else {
            Places::align(&scalar.text, file, start, scalar.style)
        };
        let text = scalar.text.clone();
        let is_written = !node.is_computed;
        let folds = if is_written { folds(&text, &places, file) } else { Vec::new() };
        let cut_at = Some(node).filter(|_| is_written && scalar.style == ScalarStyle::Plain);
        let cut_at = cut_at.and_then(|node| comment_behind(node, file));
        Some(Self { text, places, span: node.span, style: scalar.style, cut_at, folds })
    }

    /// Tells whether a part of the text stands on several lines of the file.
    pub(crate) fn folds_within(&self, part: Span) -> bool {
        self.folds.iter().any(|at| part.start <= *at && *at < part.end)
    }
}

/// Returns the blanks of a value between whose neighbours the file has the end of a line.
fn folds(text: &str, places: &Places, file: &str) -> Vec<u32> {
    let mut folds = Vec::new();
    for (at, _) in text.match_indices(' ') {
        let Ok(start) = u32::try_from(at) else { break };
        let before = places.place(Span::new(start.saturating_sub(1), start)).end as usize;
        let behind = places.place(Span::new(start.saturating_add(1), start.saturating_add(2)));
        let between = file.get(before..behind.start as usize).unwrap_or_default();
        if between.contains('\n') {
            folds.push(start);
        }
    }
    folds
}

/// Returns the comment of YAML that stands behind a plain text on its last line.
fn comment_behind(node: &Node, file: &str) -> Option<Span> {
    let rest = file.get(node.span.end as usize..)?;
    let line = rest.lines().next()?;
    let comment = line.trim_start();
    if !comment.starts_with('#') {
        return None;
    }
    let start =
        node.span.end.checked_add(u32::try_from(line.len().checked_sub(comment.len())?).ok()?)?;
    Some(Span::new(start, start.checked_add(u32::try_from(comment.trim_end().len()).ok()?)?))
}

pub(crate) fn query_node(root: &Node) -> Option<&Node> {
    root.get("query").or_else(|| query_text(root))
}

fn query_text(root: &Node) -> Option<&Node> {
    root.get("properties")?.get("queryCondition")?.get("queryText")
}
