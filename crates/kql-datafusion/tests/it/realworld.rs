//! Real queries of public repositories: each one that binds gets a plan that can run, or is refused
//! by name.

use std::collections::{BTreeMap, HashMap};

use datafusion::prelude::SessionConfig;
use kql_datafusion::{LowerError, LowerOptions, lower};
use serde::Deserialize;

use crate::{
    runner::{bind, collect_with},
    tables::Tables,
};

#[derive(Deserialize)]
struct Case {
    id: String,
    env: String,
    query: String,
}

/// Queries that run. It only grows.
const RUNNING: usize = 2868;

/// Of the queries, one in so many is run if it can: all would take most of the time of all tests.
const RUN_ONE_IN: usize = 200;

#[test]
fn real_queries_run_or_are_refused_by_name() {
    let reference = testkit::reference!("kql");
    let cases = testkit::json_lines::<Case>(&reference.path("kql/realworld.jsonl"));
    let environments: HashMap<&str, Tables> = ["m365", "sentinel", "both"]
        .into_iter()
        .map(|name| (name, Tables::reference(&reference, name)))
        .collect();
    let options = LowerOptions { evidence: true };
    let (mut running, mut refused) = (0_usize, 0_usize);
    let mut failures = Vec::new();
    let mut reasons = BTreeMap::<String, usize>::new();
    for (at, (_, case)) in cases.iter().enumerate() {
        let tables = &environments[case.env.as_str()];
        let Ok(relation) = bind(&case.query, tables) else { continue };
        match lower(&relation, tables, &options) {
            Ok(plan) => {
                running += 1;
                if at % RUN_ONE_IN == 0
                    && let Err(error) = collect_with(plan, SessionConfig::new())
                {
                    failures.push(format!("{}: {error}", case.id));
                }
            }
            Err(LowerError::Refused(diagnostics)) => {
                refused += 1;
                for diagnostic in diagnostics {
                    *reasons.entry(diagnostic.message).or_default() += 1;
                }
            }
            Err(error) => failures.push(format!("{}: {error:?}", case.id)),
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
    let mut reasons: Vec<_> = reasons.into_iter().map(|(why, count)| (count, why)).collect();
    reasons.sort_unstable_by(|a, b| b.cmp(a));
    let top: Vec<String> = reasons.iter().take(40).map(|(n, why)| format!("{n} {why}")).collect();
    assert!(
        running >= RUNNING,
        "{running} run, {refused} are refused; {RUNNING} ran before\n{}",
        top.join("\n")
    );
}
