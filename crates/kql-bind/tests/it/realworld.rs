//! Real queries: the same verdict and the same columns as Microsoft's binder.

use std::collections::{BTreeMap, HashMap};

use kql_bind::{bind, tree::Relation};
use kql_syntax::{Diagnostic, Severity, parse};
use serde::Deserialize;

use crate::{differences::assert_listed, environment::Environment};

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) env: String,
    pub(crate) query: String,
    parses: bool,
    binds: bool,
    columns: Option<Vec<(String, String)>>,
}

struct Outcome {
    errors: Vec<Diagnostic>,
    columns: Option<Vec<(String, String)>>,
}

fn outcome(case: &Case, environments: &HashMap<String, Environment>) -> Outcome {
    let (query, syntax) = parse(&case.query);
    let (bound, found) = bind(&query, &environments[&case.env]);
    let errors =
        syntax.into_iter().chain(found).filter(|it| it.severity == Severity::Error).collect();
    Outcome { errors, columns: bound.results.last().and_then(columns) }
}

fn columns(relation: &Relation) -> Option<Vec<(String, String)>> {
    if relation.has_open_schema() {
        return None;
    }
    Some(relation.columns.iter().map(|it| (it.name.to_string(), it.ty.to_string())).collect())
}

/// The types that a schema file names differently; those not known are dynamic in the typed tree.
fn canonical(columns: &[(String, String)]) -> Vec<(String, String)> {
    let ty = |ty: &str| match ty {
        "boolean" => "bool".to_owned(),
        "double" => "real".to_owned(),
        "unknown" => "dynamic".to_owned(),
        ty => ty.to_owned(),
    };
    columns.iter().map(|(name, it)| (name.clone(), ty(it))).collect()
}

pub(crate) fn cases() -> (Vec<Case>, HashMap<String, Environment>) {
    let cases = testkit::json_lines::<Case>(&testkit::shared("kql/realworld.jsonl"));
    let environments = ["m365", "sentinel", "both"]
        .into_iter()
        .map(|name| (name.to_owned(), Environment::reference(name)))
        .collect();
    (cases.into_iter().map(|(_, case)| case).collect(), environments)
}

#[test]
fn queries_that_bind_bind_to_the_same_columns() {
    let (cases, environments) = cases();
    let mut refused = BTreeMap::new();
    let mut other_columns = BTreeMap::new();
    let binding: Vec<&Case> = cases.iter().filter(|it| it.parses && it.binds).collect();
    for case in &binding {
        let outcome = outcome(case, &environments);
        if let Some(error) = outcome.errors.first() {
            let place = case.query.get(error.span.range()).unwrap_or_default();
            refused.insert(case.id.clone(), format!("{} at `{place}`", error.message));
        } else if let (Some(expected), Some(found)) = (&case.columns, &outcome.columns)
            && canonical(expected) != *found
        {
            let reason = format!("expected {expected:?}\n     found {found:?}");
            other_columns.insert(case.id.clone(), reason);
        }
    }
    assert!(refused.len() * 100 <= binding.len(), "{refused:#?}");
    assert!(other_columns.len() * 100 <= binding.len(), "{other_columns:#?}");
    assert_listed(include_str!("data/realworld_refused.txt"), &refused);
    assert_listed(include_str!("data/realworld_columns.txt"), &other_columns);
}

#[test]
fn queries_that_do_not_bind_are_refused() {
    let (cases, environments) = cases();
    let mut accepted = BTreeMap::new();
    let broken: Vec<&Case> = cases.iter().filter(|it| it.parses && !it.binds).collect();
    for case in &broken {
        if outcome(case, &environments).errors.is_empty() {
            accepted.insert(case.id.clone(), "accepted".to_owned());
        }
    }
    assert!(accepted.len() * 100 <= broken.len() * 5, "{accepted:#?}");
    assert_listed(include_str!("data/realworld_accepted.txt"), &accepted);
}
