//! The columns of recorded queries: names and types as Microsoft's engine gave them.

use super::{Columns, Outcome, column_line, columns, one_line};
use testkit::RecordedQuery;

use crate::{
    differences::Reasons,
    environment::Environment,
    report::{Figure, Report},
};

/// Measures whether the binder finds the columns that the engine gave.
///
/// Where a schema depends on data, the binder has to say so; that counts as agreeing.
pub fn schema(queries: &[RecordedQuery]) -> Report {
    let environment = Environment::default();
    let mut differing = Vec::new();
    for query in queries {
        if let Some(found) = difference(query, &Outcome::of(&query.query, &environment)) {
            differing.push((query.id.clone(), found));
        }
    }
    let figure = Figure {
        what: "same columns",
        agreeing: queries.len().saturating_sub(differing.len()),
        of: queries.len(),
        bar_per_mille: 980,
    };
    let reasons = Reasons::read(include_str!("../../data/schema.txt"));
    let (differences, stale) = reasons.explain("columns", differing);
    Report { title: "Columns of recorded queries", figures: vec![figure], differences, stale }
}

fn difference(query: &RecordedQuery, outcome: &Outcome) -> Option<String> {
    if let Some(error) = &outcome.error {
        return Some(format!("refused: {}", one_line(&query.query, error)));
    }
    let Some(result) = outcome.results.first() else { return Some("no result".to_owned()) };
    let found = columns(result)?;
    let types = query.types.iter().map(|ty| kql_type(ty).to_owned());
    let expected: Columns = query.columns.iter().cloned().zip(types).collect();
    (found != expected)
        .then(|| format!("{}\n      not {}", column_line(&found), column_line(&expected)))
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
