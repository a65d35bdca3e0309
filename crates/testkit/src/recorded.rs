//! Recorded answers: what Microsoft's engine gave for a query, and whether another answer is the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A query with the answer of Microsoft's engine.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordedQuery {
    /// Names it in lists of differences.
    pub id: String,
    /// The operator, function or plugin that it is about.
    pub feature: String,
    /// `core`, what detections use, or `exotic`.
    pub scope: String,
    /// Whether another run gives the same rows.
    pub deterministic: bool,
    /// Whether the order of the rows is part of the answer.
    pub ordered: bool,
    /// The text.
    pub query: String,
    /// The columns' names.
    pub columns: Vec<String>,
    /// The columns' types, by .NET's names.
    pub types: Vec<String>,
    /// The rows, as the engine writes them in JSON.
    pub rows: Vec<Vec<Value>>,
}

impl RecordedQuery {
    /// Returns how an answer differs: in the names or types of its columns, types by KQL's names, or
    /// in the rows, whose order counts where it is part of the answer.
    pub fn difference(&self, columns: &[(String, &str)], rows: &[Vec<Value>]) -> Option<String> {
        let names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
        if names != self.columns.iter().collect::<Vec<_>>() {
            return Some(format!("columns {names:?}, recorded {:?}", self.columns));
        }
        let types: Vec<&str> = columns.iter().map(|(_, ty)| engine_type(ty)).collect();
        if types != self.types {
            return Some(format!("types {types:?}, recorded {:?}", self.types));
        }
        let mut found: Vec<String> = rows.iter().map(|row| row_text(row)).collect();
        let mut expected: Vec<String> = self.rows.iter().map(|row| row_text(row)).collect();
        if !self.ordered {
            found.sort_unstable();
            expected.sort_unstable();
        }
        (found != expected).then(|| format!("rows {found:?}\n      not  {expected:?}"))
    }
}

/// Returns the engine's name of a type, which is .NET's.
fn engine_type(name: &str) -> &str {
    match name {
        "bool" => "SByte",
        "int" => "Int32",
        "long" => "Int64",
        "real" => "Double",
        "decimal" => "SqlDecimal",
        "string" => "String",
        "datetime" => "DateTime",
        "timespan" => "TimeSpan",
        "guid" => "Guid",
        "dynamic" => "Object",
        other => other,
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
            (None, Some(real)) => {
                // What is whole by these digits is written like what is whole by all of them.
                let digits = format!("{real:.11e}");
                match digits.parse::<f64>() {
                    Ok(near) if near.fract() == 0.0 && near.abs() < 1e15 => format!("{near:.0}"),
                    _ => digits,
                }
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recorded(rows: Vec<Vec<Value>>, ordered: bool) -> RecordedQuery {
        RecordedQuery {
            id: "case".to_owned(),
            feature: "feature".to_owned(),
            scope: "core".to_owned(),
            deterministic: true,
            ordered,
            query: String::new(),
            columns: vec!["a".to_owned()],
            types: vec!["Int64".to_owned()],
            rows,
        }
    }

    #[test]
    fn order_counts_only_where_it_is_part_of_the_answer() {
        let columns = [("a".to_owned(), "long")];
        let rows = [vec![json!(1)], vec![json!(2)]];
        let turned = vec![vec![json!(2)], vec![json!(1)]];
        assert_eq!(recorded(turned.clone(), false).difference(&columns, &rows), None);
        assert!(recorded(turned, true).difference(&columns, &rows).is_some());
    }

    #[test]
    fn names_types_and_values_count() {
        let rows = [vec![json!({"y": 1.0, "x": null})]];
        let same = recorded(vec![vec![json!({"x": null, "y": 1})]], true);
        let differs = |name: &str, ty| same.difference(&[(name.to_owned(), ty)], &rows).is_some();
        assert!(!differs("a", "long"));
        assert!(differs("b", "long"));
        assert!(differs("a", "int"));
        let other = recorded(vec![vec![json!({"x": 0, "y": 1})]], true);
        assert!(other.difference(&[("a".to_owned(), "long")], &rows).is_some());
    }
}
