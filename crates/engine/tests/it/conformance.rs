//! Recorded queries: what Microsoft's engine answered is what we answer, or we refuse.

use std::collections::BTreeMap;

use serde::Deserialize;
use testkit::RecordedQuery;

use crate::plain::{Answer, Outcome, messages, run};

/// Cases that answer as recorded. It only grows: a case that is refused again is a loss.
const EQUAL: usize = 484;

/// Cases that answer otherwise than recorded.
///
/// The same call is recorded as true and, in `emu-has-ipv4-function-02`, as false, which is what the documentation
/// says.
const DIFFERENT: &[&str] = &["has-ipv4-function-03"];

#[test]
fn recorded_queries_give_the_recorded_rows() {
    let file = testkit::reference!("kql").path("kql/conformance.jsonl");
    let cases = testkit::json_lines::<RecordedQuery>(&file);
    let (mut equal, mut refused) = (0_usize, 0_usize);
    let mut differing = BTreeMap::new();
    for (_, case) in cases.iter().filter(|(_, case)| case.deterministic) {
        match run(&case.query) {
            Outcome::Refused(_) => refused += 1,
            Outcome::Failed(error) => {
                differing.insert(&case.id, error);
            }
            Outcome::Ran(answer) => {
                let columns = answer.columns.iter().map(|(name, ty)| (name.clone(), ty.name()));
                match case.difference(&columns.collect::<Vec<_>>(), &answer.rows) {
                    None => equal += 1,
                    Some(difference) => {
                        differing.insert(&case.id, difference);
                    }
                }
            }
        }
    }
    for id in DIFFERENT {
        assert!(differing.remove(&(*id).to_owned()).is_some(), "{id} is as recorded");
    }
    let report: Vec<String> = differing.iter().map(|(id, why)| format!("{id}: {why}")).collect();
    let report = report.join("\n");
    assert!(differing.is_empty(), "{equal} equal, {refused} refused, different:\n{report}");
    assert!(equal >= EQUAL, "{equal} equal, {refused} refused; {EQUAL} were equal before");
}

/// A query with the answer that is right, of which types do not count.
#[derive(Deserialize)]
struct Minimal {
    id: String,
    query: String,
    ordered: bool,
    expected: Rows,
    note: String,
}

#[derive(Deserialize)]
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<serde_json::Value>>,
}

#[test]
fn queries_that_were_wrong_are_right() {
    let file = testkit::reference!("kql").path("kql/wrong_minimal.jsonl");
    let cases = testkit::json_lines::<Minimal>(&file);
    let mut wrong = BTreeMap::new();
    for (_, case) in &cases {
        if let Err(why) = check_minimal(case) {
            wrong.insert(case.id.as_str(), format!("{}: {}: {why}", case.id, case.note));
        }
    }
    let wrong = wrong.into_values().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "wrong:\n{wrong}");
}

fn check_minimal(case: &Minimal) -> Result<(), String> {
    let answer = match run(&case.query) {
        Outcome::Ran(answer) => answer,
        Outcome::Refused(found) => return Err(messages(&found)),
        Outcome::Failed(error) => return Err(error),
    };
    let Answer { columns, rows } = answer;
    let names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
    if names != case.expected.columns.iter().collect::<Vec<_>>() {
        return Err(format!("columns {names:?}, not {:?}", case.expected.columns));
    }
    let mut found: Vec<String> = rows.iter().map(|row| plain(row)).collect();
    let mut expected: Vec<String> = case.expected.rows.iter().map(|row| plain(row)).collect();
    if !case.ordered {
        found.sort_unstable();
        expected.sort_unstable();
    }
    (found == expected).then_some(()).ok_or_else(|| format!("rows {found:?}, not {expected:?}"))
}

/// Writes a row so that a time is the same with and without its zeros, and 1 the same as 1.0.
fn plain(row: &[serde_json::Value]) -> String {
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => match kql_types::datetime::parse(text) {
            Some(ticks) => kql_types::datetime::format_json(ticks).to_string(),
            None => value.to_string(),
        },
        serde_json::Value::Number(number) => format!("{:?}", number.as_f64()),
        serde_json::Value::Array(items) => plain(items),
        other => other.to_string(),
    };
    format!("[{}]", row.iter().map(cell).collect::<Vec<_>>().join(", "))
}
