//! Deployment templates: which resources they hold, and what their expressions come to where that is
//! constant.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions>

pub(crate) mod beside;
mod expression;

use std::{cell::Cell, collections::BTreeMap};

use kql_syntax::Span;

use crate::yaml::{Node, Scalar, Value};

/// Templates and expressions within one another; more is hostile.
const MAX_DEPTH: usize = 32;
/// Nodes and calls that the expressions of one resource may come to.
const MAX_STEPS: usize = 20_000;

/// What expressions of a template can name: parameters with a value, and variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    parameters: BTreeMap<String, Node>,
    variables: BTreeMap<String, Node>,
}

/// A resource of a template, its expressions resolved where that is possible.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The last part of its type, in lower case: `alertrules`.
    pub(crate) ty: String,
    pub(crate) node: Node,
    /// Where expressions stand that have no value before the deployment.
    pub(crate) open: Vec<Span>,
}

/// The types of resources that are rules, by their last part.
pub(crate) const RULES: [&str; 3] = ["alertrules", "alertruletemplates", "detectionrules"];

/// The types of resources whose expressions are resolved: rules, and what is imported beside them.
const RESOLVED: [&str; 5] = [RULES[0], RULES[1], RULES[2], "watchlists", "savedsearches"];

/// Returns where a resource says that it is deployed several times, or perhaps not at all.
pub(crate) fn repeats(resource: &Node) -> Vec<Span> {
    let always = |node: &Node| node.text() == Some("true");
    let copy = resource.entry("copy");
    let condition = resource.entry("condition").filter(|(_, value)| !always(value));
    copy.into_iter().chain(condition).map(|(key, _)| key.span).collect()
}

/// Tells whether a mapping is a template.
pub(crate) fn is_template(node: &Node) -> bool {
    let has_schema = node
        .get("$schema")
        .and_then(Node::text)
        .is_some_and(|schema| schema.to_ascii_lowercase().contains("deploymenttemplate"));
    node.has("resources") && (has_schema || node.has("contentVersion"))
}

/// Returns the resources of a template, those of nested templates too.
pub(crate) fn resources(template: &Node) -> Vec<Resource> {
    let mut found = Vec::new();
    collect(template, &Scope::default(), 0, &mut found);
    found
}

fn collect(template: &Node, outer: &Scope, depth: usize, found: &mut Vec<Resource>) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut scope = outer.clone();
    for (name, parameter) in template.get("parameters").map(Node::entries).unwrap_or_default() {
        // Given from outside, a value holds; else the default.
        let value = parameter.get("defaultValue").or_else(|| parameter.get("value"));
        if let (Some(name), Some(value)) = (name.text(), value) {
            let name = name.to_ascii_lowercase();
            scope.parameters.entry(name).or_insert_with(|| value.clone());
        }
    }
    for (name, value) in template.get("variables").map(Node::entries).unwrap_or_default() {
        if let Some(name) = name.text() {
            scope.variables.insert(name.to_ascii_lowercase(), value.clone());
        }
    }
    // A list, or since version 2.0 of the language a mapping by names.
    let Some(resources) = template.get("resources") else { return };
    let values = resources.entries().iter().map(|(_, resource)| resource);
    for resource in resources.items().iter().chain(values) {
        add(resource, &scope, depth, found);
    }
}

fn add(resource: &Node, scope: &Scope, depth: usize, found: &mut Vec<Resource>) {
    if depth > MAX_DEPTH {
        return;
    }
    let depth = depth.saturating_add(1);
    let ty = resource.get("type").and_then(Node::text).unwrap_or_default();
    let ty = ty.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let steps = Cell::new(0);
    let properties = resource.get("properties");
    // What these hold is another template, with names of its own.
    let nested = match ty.as_str() {
        "deployments" => properties.and_then(|it| it.get("template")),
        "contenttemplates" | "templatespecs" | "versions" => {
            properties.and_then(|it| it.get("mainTemplate"))
        }
        _ => None,
    };
    if let Some(nested) = nested {
        let given = properties.and_then(|it| it.get("parameters")).map(Node::entries);
        let mut inner = scope.clone();
        for (name, parameter) in given.unwrap_or_default() {
            if let (Some(name), Some(value)) = (name.text(), parameter.get("value")) {
                let (value, open) = resolve(value, scope, &steps);
                if open.is_empty() {
                    inner.parameters.insert(name.to_ascii_lowercase(), value);
                }
            }
        }
        return collect(nested, &inner, depth, found);
    }
    for child in resource.get("resources").map(Node::items).unwrap_or_default() {
        add(child, scope, depth, found);
    }
    let (node, open) = if RESOLVED.contains(&ty.as_str()) {
        resolve(resource, scope, &steps)
    } else {
        (resource.clone(), Vec::new())
    };
    found.push(Resource { ty, node, open });
}

/// Returns a node with its expressions replaced by what they come to, and where those stand that come
/// to nothing. Everything keeps its place.
fn resolve(node: &Node, scope: &Scope, steps: &Cell<usize>) -> (Node, Vec<Span>) {
    let mut open = Vec::new();
    let resolved = resolve_into(node, scope, steps, 0, &mut open);
    (resolved, open)
}

fn resolve_into(
    node: &Node,
    scope: &Scope,
    steps: &Cell<usize>,
    depth: usize,
    open: &mut Vec<Span>,
) -> Node {
    steps.set(steps.get().saturating_add(1));
    if depth > MAX_DEPTH || steps.get() > MAX_STEPS {
        open.push(node.span);
        return node.clone();
    }
    let depth = depth.saturating_add(1);
    let value = match &node.value {
        Value::Scalar(Scalar { text, style }) => match expression::of(text) {
            expression::Text::Plain => return node.clone(),
            expression::Text::Escaped(text) => {
                Value::Scalar(Scalar { text: text.to_owned(), style: *style })
            }
            expression::Text::Expression(text) => {
                let Some(value) = expression::evaluate(text, scope, steps, depth) else {
                    open.push(node.span);
                    return node.clone();
                };
                value
            }
        },
        Value::Sequence(items) => Value::Sequence(
            items.iter().map(|item| resolve_into(item, scope, steps, depth, open)).collect(),
        ),
        Value::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .map(|(key, value)| {
                    // Resources within are resources of their own.
                    let is_nested = key.text() == Some("resources");
                    let value = if is_nested {
                        value.clone()
                    } else {
                        resolve_into(value, scope, steps, depth, open)
                    };
                    (key.clone(), value)
                })
                .collect(),
        ),
    };
    let is_computed = matches!(node.value, Value::Scalar(_));
    Node { value, span: node.span, is_computed }
}
