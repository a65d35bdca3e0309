//! What Sentinel or Defender would not take of a rule: a list of checks, one file each.
//!
//! An error is what keeps a rule from being deployed or from running. A warning is what deploys and
//! then does not do what is meant, or what only the public repository's own checks refuse.
//!
//! Source: the validation of Azure-Sentinel's analytics rule templates, and
//! <https://learn.microsoft.com/azure/sentinel/sentinel-analytic-rules-creation>.

mod alert_details;
mod attack;
mod blind_span;
mod columns;
mod custom_details;
mod detection;
mod duplicates;
mod entities;
mod entity_types;
mod fields;
mod folding;
mod identity;
mod incidents;
mod join;
mod look_back;
mod query;
mod schedule;
mod tokens;

pub(crate) use self::schedule::{fires_on_nothing, not_of_sentinel, period_too_short};

use kql_syntax::{Code, Diagnostic, Severity};

use crate::{
    code,
    rule::{Form, Kind, Query},
    yaml::{Node, Value},
};

/// A rule to check.
pub(crate) struct Rule<'r> {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    pub(crate) root: &'r Node,
    pub(crate) query: Option<&'r Query>,
    /// The columns that the query yields, if they are known.
    pub(crate) columns: Option<&'r [String]>,
}

pub use self::{
    attack::{is_tactic, is_technique},
    entity_types::required_identifiers,
};
pub(crate) use self::{detection::defender_table, identity::is_guid};

/// Returns why a rule is not run, for reasons that lie in its schedule and trigger: errors all.
pub(crate) fn refusals(rule: &Rule<'_>) -> Vec<Diagnostic> {
    const REASONS: [Code; 2] = [code::PERIOD_TOO_SHORT, code::FIRES_ON_NOTHING];
    if rule.kind != Kind::Scheduled {
        return Vec::new();
    }
    let mut found = Vec::new();
    schedule::check(rule, &mut found);
    found.retain(|diagnostic| REASONS.contains(&diagnostic.code));
    for diagnostic in &mut found {
        diagnostic.severity = Severity::Error;
    }
    found.sort_by_key(|diagnostic| diagnostic.span);
    found
}

type Check = fn(&Rule<'_>, &mut Vec<Diagnostic>);

/// The checks of Sentinel's analytics rules.
const ANALYTICS: &[Check] = &[
    fields::check,
    identity::check,
    schedule::check,
    attack::check,
    query::form,
    query::check,
    look_back::check,
    duplicates::check,
    blind_span::check,
    join::check,
    folding::check,
    entities::check,
    custom_details::check,
    alert_details::check,
    incidents::check,
];

/// The checks of Defender's custom detections.
const DETECTION: &[Check] =
    &[detection::check, query::form, look_back::check, join::check, folding::check];

/// Returns what all checks of its kind say of a rule, in order of place.
pub(crate) fn lint(rule: &Rule<'_>) -> Vec<Diagnostic> {
    let checks = match rule.kind {
        Kind::Scheduled | Kind::NearRealTime => ANALYTICS,
        Kind::CustomDetection => DETECTION,
        Kind::Other => return Vec::new(),
    };
    let mut found = Vec::new();
    for check in checks {
        check(rule, &mut found);
    }
    found.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    found
}

/// Reports a value that is none of those that a field can have.
fn check_one_of(
    node: &Node,
    field: &str,
    values: &[&str],
    code: Code,
    found: &mut Vec<Diagnostic>,
) {
    let Some(text) = text_of(node, field, found) else { return };
    if !values.contains(&text) {
        let message = format!("`{field}` does not take `{text}`");
        let help = nearest(text, values.iter().copied())
            .map_or_else(|| format!("expected one of {}", list(values)), did_you_mean);
        found.push(Diagnostic::error(code, node.span, message).with_help(help));
    }
}

/// Returns a field's text; reports anything that has none.
fn text_of<'n>(node: &'n Node, field: &str, found: &mut Vec<Diagnostic>) -> Option<&'n str> {
    let text = node.text();
    if text.is_none() {
        wrong_form(node, field, "a text", found);
    }
    text
}

/// Returns a field's items; reports anything that is no list.
fn items_of<'n>(node: &'n Node, field: &str, found: &mut Vec<Diagnostic>) -> &'n [Node] {
    if !matches!(node.value, Value::Sequence(_)) && !node.is_null() {
        wrong_form(node, field, "a list", found);
    }
    node.items()
}

/// Returns a field's keys and values; reports anything that is no mapping.
fn entries_of<'n>(node: &'n Node, field: &str, found: &mut Vec<Diagnostic>) -> &'n [(Node, Node)] {
    if !matches!(node.value, Value::Mapping(_)) && !node.is_null() {
        wrong_form(node, field, "a mapping", found);
    }
    node.entries()
}

fn wrong_form(node: &Node, field: &str, expected: &str, found: &mut Vec<Diagnostic>) {
    let message = format!("`{field}` has to be {expected}");
    found.push(Diagnostic::error(code::WRONG_FORM, node.span, message));
}

/// Reports a text that is empty or has more characters than a field takes.
fn check_length(node: &Node, field: &str, most: usize, found: &mut Vec<Diagnostic>) {
    let Some(text) = text_of(node, field, found) else { return };
    let chars = text.chars().count();
    let message = match chars {
        0 => format!("`{field}` is empty"),
        _ if chars > most => {
            format!("`{field}` has {chars} characters; Sentinel takes {most}")
        }
        _ => return,
    };
    found.push(Diagnostic::error(code::TEXT_LENGTH, node.span, message));
}

/// Returns the name that is most like a misspelt one.
fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    const ALIKE: f64 = 0.8;
    let alike = |known: &str| {
        strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase())
    };
    let best =
        known.into_iter().map(|known| (alike(known), known)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// Returns names as a list.
fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
