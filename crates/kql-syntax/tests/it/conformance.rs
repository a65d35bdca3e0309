//! Real queries get the verdict that Microsoft's own parser gives them.

use std::{collections::BTreeMap, fs, path::PathBuf};

use kql_syntax::{Severity, parse};
use serde_json::Value;

/// Reads a file of one JSON object a line from the shared reference material.
fn shared(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql").join(name);
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} is needed for this test: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

/// Returns the first error of a query, if it has any.
fn first_error(query: &str) -> Option<String> {
    let (_, diagnostics) = parse(query);
    diagnostics.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error).map(
        |diagnostic| {
            let line = query[..diagnostic.span.start as usize].lines().count();
            format!("{} line {line}: {}", diagnostic.code, diagnostic.message)
        },
    )
}

#[test]
fn every_query_of_the_documentation_parses() {
    let refused: Vec<_> = shared("conformance.jsonl")
        .iter()
        .filter_map(|case| {
            let error = first_error(case["query"].as_str().expect("a query"))?;
            Some(format!("{}: {error}", case["id"]))
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Queries on which the verdicts differ, each with the reason.
const DIFFERENCES: &[(&str, &str)] = &[];

#[test]
fn verdicts_on_real_queries_are_the_same() {
    let mut differences = BTreeMap::new();
    for case in shared("realworld.jsonl") {
        let error = first_error(case["query"].as_str().expect("a query"));
        let theirs = case["parses"].as_bool().expect("a verdict");
        if error.is_none() != theirs {
            let id = case["id"].as_str().expect("an id").to_owned();
            differences.insert(id, error.unwrap_or_else(|| "accepted".to_owned()));
        }
    }
    for (id, reason) in DIFFERENCES {
        assert!(differences.remove(*id).is_some(), "{id} does not differ any more: {reason}");
    }
    assert!(differences.is_empty(), "{differences:#?}");
}
