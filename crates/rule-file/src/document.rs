//! What a file holds, whatever it is called: rules of the forms that Sentinel and Defender have, a query,
//! or something else, which is named.

use kql_syntax::{Diagnostic, Span};

use crate::{
    arm, code, foreign,
    foreign::Foreign,
    json,
    rule::{Form, RuleFile},
    yaml::{self, Node, Tree, YamlError},
};

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// A query: the whole text.
    Query,
    /// Rules, and what beside them is none.
    Rules {
        /// The rules in order; at least one.
        rules: Vec<RuleFile>,
        /// What else there is.
        others: Vec<Foreign>,
    },
    /// Nothing that can be checked, by its name.
    Foreign(Vec<Foreign>),
    /// A rule, it seems, that cannot be read.
    Broken(Diagnostic),
}

impl Content {
    /// Reads a file's text; `name` is its path or name, whose ending says what it is meant to be.
    pub fn read(name: &str, text: &str) -> Self {
        match Self::read_with_places(name, text) {
            Err(content) => content,
            Ok(Finder { rules, others, .. }) => match (rules.is_empty(), others.is_empty()) {
                (false, _) => Self::Rules { rules, others },
                (true, false) => Self::Foreign(others),
                (true, true) => Self::Foreign(vec![foreign::of_no_form()]),
            },
        }
    }

    /// Reads a file that may hold several things, and where those stand that are no rule; of any other
    /// file, what it is.
    pub(crate) fn read_with_places<'t>(name: &str, text: &'t str) -> Result<Finder<'t>, Self> {
        let ending = ending(name);
        if is_query(&ending) {
            return Err(Self::Query);
        }
        if let Some(foreign) = foreign::by_ending(&ending, text) {
            return Err(Self::Foreign(vec![foreign]));
        }
        let looks_like_json = text.trim_start().starts_with(['{', '[']);
        let tree = match ending.as_str() {
            "json" => json::read(text),
            "yaml" | "yml" if looks_like_json => json::read(text).or_else(|_| yaml::read(text)),
            "yaml" | "yml" => yaml::read(text),
            "" | "txt" | "template" if looks_like_json => json::read(text),
            "" if has_query(text) => yaml::read(text),
            _ => return Err(Self::Foreign(vec![foreign::of_no_form()])),
        };
        match tree {
            Ok(tree) => Ok(of_tree(&tree, text)),
            // Folders hold templates of other tools that have these endings.
            Err(error) if has_query(text) => Err(Self::Broken(broken(&ending, &error))),
            Err(error) => {
                Err(Self::Foreign(vec![foreign::unreadable(&ending, text, &error.message)]))
            }
        }
    }
}

/// Returns a name's ending in lower case.
fn ending(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn is_query(ending: &str) -> bool {
    ["kql", "csl", "kusto"].contains(&ending)
}

/// Tells whether a text that cannot be read looks like a rule.
fn has_query(text: &str) -> bool {
    let is_key = |line: &str| {
        let key = line.trim_start_matches(['\u{feff}', ' ', '\t', '"', '-', '{']);
        ["query:", "query\":", "queryText", "queryFrequency"].iter().any(|it| key.starts_with(it))
    };
    text.lines().any(is_key)
}

fn broken(ending: &str, error: &YamlError) -> Diagnostic {
    let form = if ending == "json" { "JSON" } else { "YAML" };
    let message = format!("this is not {form}: {}", error.message);
    Diagnostic::error(code::NO_YAML, error.span, message)
}

fn of_tree<'t>(tree: &Tree, text: &'t str) -> Finder<'t> {
    let mut found = Finder { text, rules: Vec::new(), others: Vec::new(), places: Vec::new() };
    for document in &tree.documents {
        found.look(document, 0);
    }
    for repeated in &tree.repeated {
        let message = format!("the key `{}` stands twice", repeated.key);
        let error = Diagnostic::error(code::REPEATED_KEY, repeated.span, message)
            .with_label(repeated.first, "it stands here already")
            .with_help("keep one of the two: readers disagree which one holds");
        for rule in &mut found.rules {
            rule.add_problem(&error);
        }
    }
    found
}

/// Lists of lists that are looked through.
const MAX_DEPTH: usize = 8;

/// What is found in a file.
pub(crate) struct Finder<'t> {
    text: &'t str,
    pub(crate) rules: Vec<RuleFile>,
    pub(crate) others: Vec<Foreign>,
    /// Where each of the others begins.
    pub(crate) places: Vec<Span>,
}

impl Finder<'_> {
    fn look(&mut self, node: &Node, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let depth = depth.saturating_add(1);
        for item in node.items() {
            self.look(item, depth);
        }
        if node.entries().is_empty() {
            return;
        }
        if arm::is_template(node) {
            return self.template(node);
        }
        if let Some(foreign) = foreign::by_content(node) {
            return self.other(node, foreign);
        }
        if node.at(&["properties", "queryCondition", "queryText"]).is_some() {
            return self.add(Form::Detection, node.clone(), &[]);
        }
        if node.at(&["queryCondition", "queryText"]).is_some() {
            return self.add(Form::Detection, RuleFile::as_properties(node), &[]);
        }
        let kind = node.get("kind").and_then(Node::text);
        // A rule as the API answers it.
        if let (Some(kind), Some(properties)) = (kind, node.get("properties")) {
            let ty = node.get("type").and_then(Node::text).unwrap_or("alertRules");
            let ty = ty.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            if kind == "CustomDetection" {
                self.add(Form::Detection, node.clone(), &[]);
            } else if arm::RULES.contains(&ty.as_str()) {
                self.resource(node, kind, properties, &[], None);
            } else if let Some(foreign) = foreign::by_resource(&ty, node) {
                self.other(node, foreign);
            }
            return;
        }
        if node.has("query") {
            return self.add(Form::Yaml, node.clone(), &[]);
        }
        // The answer of an API, and lists of rules by their kind.
        for list in ["value", "Scheduled", "scheduled", "NRT"] {
            for item in node.get(list).map(Node::items).unwrap_or_default() {
                self.look(item, depth);
            }
        }
        if RuleFile::is_meant_as_rule(node) {
            self.add(Form::Yaml, node.clone(), &[]);
        }
    }

    fn template(&mut self, template: &Node) {
        let before = self.rules.len();
        let mut apart: Vec<(Node, Foreign)> = Vec::new();
        for resource in arm::resources(template) {
            if resource.ty == "detectionrules" {
                self.add(Form::Detection, resource.node, &resource.open);
            } else if arm::RULES.contains(&resource.ty.as_str()) {
                let kind = resource.node.get("kind").and_then(Node::text).unwrap_or_default();
                let (kind, nothing) = (kind.to_owned(), Node::default());
                let properties = resource.node.get("properties").unwrap_or(&nothing);
                self.resource(&resource.node, &kind, properties, &resource.open, Some(template));
            } else if let Some(foreign) = foreign::by_resource(&resource.ty, &resource.node) {
                apart.push((resource.node, foreign));
            }
        }
        let has_rules = self.rules.len() > before;
        if !has_rules && apart.is_empty() && self.others.is_empty() {
            apart.push((template.clone(), foreign::template_without_rules()));
        }
        for (node, foreign) in apart {
            self.other(&node, foreign);
        }
    }

    fn other(&mut self, node: &Node, foreign: Foreign) {
        self.others.push(foreign);
        self.places.push(Span::new(node.span.start, node.span.start));
    }

    fn resource(
        &mut self,
        node: &Node,
        kind: &str,
        properties: &Node,
        open: &[Span],
        template: Option<&Node>,
    ) {
        if !kind.eq_ignore_ascii_case("Scheduled") && !kind.eq_ignore_ascii_case("NRT") {
            return self.other(node, foreign::rule_of_kind(kind));
        }
        let mut root = RuleFile::as_rule(node, properties);
        let id = root.get("id").and_then(Node::text);
        let beside = id.and_then(|id| arm::beside::of(template?, id));
        if let Some(beside) = beside {
            root = arm::beside::join(root, &beside);
        }
        let mut rule = RuleFile::of(Form::Resource, root, open, self.text);
        rule.add_undecided(arm::repeats(node));
        self.rules.push(rule);
    }

    fn add(&mut self, form: Form, root: Node, open: &[Span]) {
        self.rules.push(RuleFile::of(form, root, open, self.text));
    }
}
