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
        let ending = ending(name);
        if is_query(&ending) {
            return Self::Query;
        }
        if let Some(foreign) = foreign::by_ending(&ending, text) {
            return Self::Foreign(vec![foreign]);
        }
        let looks_like_json = text.trim_start().starts_with(['{', '[']);
        let tree = match ending.as_str() {
            "json" => json::read(text),
            "yaml" | "yml" if looks_like_json => json::read(text).or_else(|_| yaml::read(text)),
            "yaml" | "yml" => yaml::read(text),
            "" | "txt" | "template" if looks_like_json => json::read(text),
            "" if has_query(text) => yaml::read(text),
            _ => return Self::Foreign(vec![foreign::of_no_form()]),
        };
        match tree {
            Ok(tree) => of_tree(&tree, text),
            // Folders hold templates of other tools that have these endings.
            Err(error) if has_query(text) => Self::Broken(broken(&ending, &error)),
            Err(error) => Self::Foreign(vec![foreign::unreadable(&ending, text, &error.message)]),
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

fn of_tree(tree: &Tree, text: &str) -> Content {
    let mut found = Finder { text, rules: Vec::new(), others: Vec::new() };
    for document in &tree.documents {
        found.look(document, 0);
    }
    let Finder { mut rules, others, .. } = found;
    for repeated in &tree.repeated {
        let message = format!("the key `{}` stands twice", repeated.key);
        let error = Diagnostic::error(code::REPEATED_KEY, repeated.span, message)
            .with_label(repeated.first, "it stands here already")
            .with_help("keep one of the two: readers disagree which one holds");
        for rule in &mut rules {
            rule.add_problem(&error);
        }
    }
    match (rules.is_empty(), others.is_empty()) {
        (false, _) => Content::Rules { rules, others },
        (true, false) => Content::Foreign(others),
        (true, true) => Content::Foreign(vec![foreign::of_no_form()]),
    }
}

/// Lists of lists that are looked through.
const MAX_DEPTH: usize = 8;

struct Finder<'t> {
    text: &'t str,
    rules: Vec<RuleFile>,
    others: Vec<Foreign>,
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
            return self.others.push(foreign);
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
                self.resource(node, kind, properties, &[]);
            } else {
                self.others.extend(foreign::by_resource(&ty, node));
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
        let mut apart: Vec<Foreign> = Vec::new();
        for resource in arm::resources(template) {
            if resource.ty == "detectionrules" {
                self.add(Form::Detection, resource.node, &resource.open);
            } else if arm::RULES.contains(&resource.ty.as_str()) {
                let kind = resource.node.get("kind").and_then(Node::text).unwrap_or_default();
                let (kind, nothing) = (kind.to_owned(), Node::default());
                let properties = resource.node.get("properties").unwrap_or(&nothing);
                self.resource(&resource.node, &kind, properties, &resource.open);
            } else if let Some(foreign) = foreign::by_resource(&resource.ty, &resource.node) {
                apart.push(foreign);
            }
        }
        let has_rules = self.rules.len() > before;
        if !has_rules && apart.is_empty() && self.others.is_empty() {
            apart.push(foreign::template_without_rules());
        }
        self.others.extend(apart);
    }

    fn resource(&mut self, node: &Node, kind: &str, properties: &Node, open: &[Span]) {
        if kind.eq_ignore_ascii_case("Scheduled") || kind.eq_ignore_ascii_case("NRT") {
            self.add(Form::Resource, RuleFile::as_rule(node, properties), open);
        } else {
            self.others.push(foreign::rule_of_kind(kind));
        }
    }

    fn add(&mut self, form: Form, root: Node, open: &[Span]) {
        self.rules.push(RuleFile::of(form, root, open, self.text));
    }
}
