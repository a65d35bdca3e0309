//! Recorded queries: what Microsoft's engine answered is what we answer, or we refuse.

use std::collections::BTreeMap;

use kql_types::KqlType;
use serde::Deserialize;
use serde_json::Value;

use crate::runner::{Answer, Outcome, run};

#[derive(Deserialize)]
struct Case {
    id: String,
    deterministic: bool,
    ordered: bool,
    query: String,
    columns: Vec<String>,
    types: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// Cases that answer as recorded. It only grows: a case that is refused again is a loss.
const EQUAL: usize = 317;

/// Cases that answer otherwise than recorded.
///
/// - The same call is recorded as true and, in `emu-has-ipv4-function-02`, as false, which is what
///   the documentation says.
const DIFFERENT: &[&str] = &["has-ipv4-function-03"];

#[test]
fn recorded_queries_give_the_recorded_rows() {
    let cases = testkit::json_lines::<Case>(&testkit::shared("kql/conformance.jsonl"));
    let (mut equal, mut refused) = (0_usize, 0_usize);
    let mut differing = BTreeMap::new();
    for (_, case) in cases.iter().filter(|(_, case)| case.deterministic) {
        match run(&case.query) {
            Outcome::Invalid(_) | Outcome::Refused(_) => refused += 1,
            Outcome::Failed(error) => {
                differing.insert(&case.id, error);
            }
            Outcome::Ran(answer) => match difference(case, &answer) {
                None => equal += 1,
                Some(difference) => {
                    differing.insert(&case.id, difference);
                }
            },
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

/// Returns how an answer differs from the recorded one.
fn difference(case: &Case, answer: &Answer) -> Option<String> {
    let names: Vec<&String> = answer.columns.iter().map(|(name, _)| name).collect();
    if names != case.columns.iter().collect::<Vec<_>>() {
        return Some(format!("columns {names:?}, recorded {:?}", case.columns));
    }
    let types: Vec<&str> = answer.columns.iter().map(|(_, ty)| recorded_type(*ty)).collect();
    if types != case.types {
        return Some(format!("types {types:?}, recorded {:?}", case.types));
    }
    let mut found: Vec<String> = answer.rows.iter().map(|row| row_text(row)).collect();
    let mut recorded: Vec<String> = case.rows.iter().map(|row| row_text(row)).collect();
    if !case.ordered {
        found.sort_unstable();
        recorded.sort_unstable();
    }
    (found != recorded).then(|| format!("\n  rows     {found:?}\n  recorded {recorded:?}"))
}

/// Returns the engine's name of a type, which is .NET's.
const fn recorded_type(ty: KqlType) -> &'static str {
    match ty {
        KqlType::Bool => "SByte",
        KqlType::Int => "Int32",
        KqlType::Long => "Int64",
        KqlType::Real => "Double",
        KqlType::Decimal => "SqlDecimal",
        KqlType::String => "String",
        KqlType::Datetime => "DateTime",
        KqlType::Timespan => "TimeSpan",
        KqlType::Guid => "Guid",
        KqlType::Dynamic => "Object",
    }
}

/// Returns a row as text in which equal values are equal: numbers by twelve digits, keys sorted.
fn row_text(row: &[Value]) -> String {
    row.iter().map(value_text).collect::<Vec<_>>().join(", ")
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(real)) if real.fract() == 0.0 && real.abs() < 1e15 => format!("{real:.0}"),
            (None, Some(real)) => format!("{real:.11e}"),
            (None, None) => number.to_string(),
        },
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => {
            let entries: BTreeMap<_, _> =
                entries.iter().map(|(key, value)| (key, value_text(value))).collect();
            format!("{entries:?}")
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}
