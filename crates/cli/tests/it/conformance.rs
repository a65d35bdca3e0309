//! Every recorded query of Microsoft's engine: the answer is equal, or the query is refused.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Number, Value};
use testkit::{json_lines, shared};

use crate::quarry::quarry_with_stdin;

/// Deterministic cases answered equally, at least: raised as more of the language runs.
const EQUAL_AT_LEAST: usize = 73;

/// Cases that run and differ, each with what is wrong. There should be none.
const DIFFERENT: &[(&str, &str)] = &[];

/// How a case came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Equal,
    Refused,
    Different,
}

#[test]
fn nothing_that_runs_differs() {
    let cases: Vec<(usize, Value)> = json_lines(&shared("kql/conformance.jsonl"));
    let cases = cases.iter().map(|(_, case)| case);
    let cases: Vec<&Value> = cases.filter(|case| case["deterministic"] == true).collect();
    let next = AtomicUsize::new(0);
    let verdicts: Mutex<BTreeMap<&str, (Verdict, String)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = judge(case);
                    verdicts.lock().unwrap().insert(case["id"].as_str().unwrap(), verdict);
                }
            });
        }
    });
    let verdicts = verdicts.into_inner().unwrap();
    let different: Vec<(&&str, &String)> = verdicts
        .iter()
        .filter(|(_, (verdict, _))| *verdict == Verdict::Different)
        .map(|(id, (_, what))| (id, what))
        .collect();
    let known: Vec<&str> = DIFFERENT.iter().map(|(id, _)| *id).collect();
    let ids: Vec<&str> = different.iter().map(|(id, _)| **id).collect();
    assert_eq!(ids, known, "{different:#?}");
    let equal = verdicts.values().filter(|(verdict, _)| *verdict == Verdict::Equal).count();
    assert!(equal >= EQUAL_AT_LEAST, "only {equal} of {} are equal", verdicts.len());
}

fn judge(case: &Value) -> (Verdict, String) {
    let query = case["query"].as_str().unwrap();
    let outcome =
        quarry_with_stdin(["query", "-q", "--format", "json", "-f", "-"], query.as_bytes());
    if outcome.status == 2 && outcome.stdout.is_empty() {
        return (Verdict::Refused, outcome.stderr);
    }
    // A query of several statements has several results; the record is of the first.
    let mut results = serde_json::Deserializer::from_str(&outcome.stdout).into_iter::<Value>();
    let Some(Ok(result)) = results.next() else { return (Verdict::Different, outcome.stderr) };
    let columns = result["columns"].as_array().unwrap();
    let names: Vec<&Value> = columns.iter().map(|column| &column["name"]).collect();
    let types: Vec<&str> = columns.iter().map(|column| column["type"].as_str().unwrap()).collect();
    let expected_types: Vec<&str> =
        case["types"].as_array().unwrap().iter().map(|ty| type_name(ty.as_str().unwrap())).collect();
    let expected_names: Vec<&Value> = case["columns"].as_array().unwrap().iter().collect();
    if (&names, &types) != (&expected_names, &expected_types) {
        return (Verdict::Different, format!("{names:?} {types:?}"));
    }
    let is_ordered = case["ordered"] == true;
    let (found, expected) = (rows(&result, is_ordered), rows(case, is_ordered));
    if found == expected {
        (Verdict::Equal, String::new())
    } else {
        (Verdict::Different, format!("{found:?}, expected {expected:?}"))
    }
}

fn rows(of: &Value, is_ordered: bool) -> Vec<String> {
    let rows = of["rows"].as_array().unwrap().iter();
    let mut rows: Vec<String> = rows.map(|row| comparable(row.clone()).to_string()).collect();
    if !is_ordered {
        rows.sort();
    }
    rows
}

/// Makes numbers comparable as numbers: `1.0` is `1`, and digits beyond the twelfth are rounding.
fn comparable(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let real = number.as_f64().unwrap();
            let text = format!("{real:.11e}");
            let rounded: f64 = text.parse().unwrap();
            Number::from_f64(rounded).map_or(Value::Null, whole)
        }
        Value::Array(items) => items.into_iter().map(comparable).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (key, comparable(value))).collect()
        }
        other => other,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(number: Number) -> Value {
    const LIMIT: f64 = 9.0e15;
    match number.as_f64() {
        Some(real) if real.fract() == 0.0 && real.abs() < LIMIT => Value::from(real as i64),
        _ => Value::Number(number),
    }
}

/// Returns KQL's name of the engine's type.
fn type_name(engine: &str) -> &'static str {
    match engine {
        "SByte" => "bool",
        "Int32" => "int",
        "Int64" => "long",
        "Double" => "real",
        "DateTime" => "datetime",
        "TimeSpan" => "timespan",
        "String" => "string",
        "Object" => "dynamic",
        "Guid" => "guid",
        "SqlDecimal" => "decimal",
        other => panic!("the engine has no type `{other}`"),
    }
}
