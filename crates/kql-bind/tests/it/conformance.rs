//! Recorded queries: names and types of the columns that Microsoft's engine gave.

use std::collections::BTreeMap;

use kql_bind::bind;
use kql_syntax::{Severity, parse};
use serde::Deserialize;

use crate::{differences::assert_listed, environment::Environment};

#[derive(Deserialize)]
struct Case {
    id: String,
    query: String,
    columns: Vec<String>,
    types: Vec<String>,
}

/// Returns KQL's name of a type that the engine names as .NET does.
fn kql_type(name: &str) -> &str {
    match name {
        "SByte" | "Boolean" => "bool",
        "Int32" => "int",
        "Int64" => "long",
        "Double" => "real",
        "DateTime" => "datetime",
        "TimeSpan" => "timespan",
        "String" => "string",
        "Object" => "dynamic",
        "Guid" => "guid",
        "SqlDecimal" => "decimal",
        other => other,
    }
}

#[test]
fn recorded_queries_have_the_recorded_columns() {
    let cases = testkit::json_lines::<Case>(&testkit::shared("kql/conformance.jsonl"));
    let environment = Environment::default();
    let mut differing = BTreeMap::new();
    for (_, case) in &cases {
        let (query, syntax) = parse(&case.query);
        let (bound, found) = bind(&query, &environment);
        let error = syntax.iter().chain(&found).find(|it| it.severity == Severity::Error);
        if let Some(error) = error {
            differing.insert(case.id.clone(), error.message.clone());
            continue;
        }
        let expected: Vec<String> = case
            .columns
            .iter()
            .zip(&case.types)
            .map(|(name, ty)| format!("{name}: {}", kql_type(ty)))
            .collect();
        let Some(result) = bound.results.first() else {
            differing.insert(case.id.clone(), "no result".to_owned());
            continue;
        };
        let columns: Vec<String> =
            result.columns.iter().map(|it| format!("{}: {}", it.name, it.ty)).collect();
        if columns != expected && !result.has_open_schema() {
            let reason = format!("expected {expected:?}\n     found {columns:?}");
            differing.insert(case.id.clone(), reason);
        }
    }
    assert!(differing.len() * 100 <= cases.len() * 2, "{differing:#?}");
    assert_listed(include_str!("data/conformance.txt"), &differing);
}
