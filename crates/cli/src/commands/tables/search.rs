//! The lists of tables: those that are filled and groups of the rest, all of them, or those that a word
//! is about.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{ArrayRef, Int64Array};
use engine::Environment;
use kql_types::{KqlType, schema::TableSchema};

use crate::ui::listing::{self, Listing, texts};

/// Tables of a group that has a line of its own.
const FEW: usize = 4;
/// Columns that a line names.
const NAMED: usize = 4;

/// Lists the tables that events fill or the user has added, and groups of all others by the word that
/// their names begin with.
pub(super) fn overview(environment: &Environment) -> Listing {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for name in environment.documented_names() {
        let count = groups.entry(first_word(name).to_owned()).or_default();
        *count = count.saturating_add(1);
    }
    let (large, small): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(_, count)| *count >= FEW);
    let mut lines = filled(environment);
    lines.extend(large.into_iter().map(|(word, count)| Line {
        table: format!("{word}…"),
        columns: None,
        from: format!("exports: {count} tables, `quarry tables {word}` lists them"),
    }));
    let others = small.iter().map(|(_, count)| *count).fold(0, usize::saturating_add);
    if others > 0 {
        lines.push(Line {
            table: "…".to_owned(),
            columns: None,
            from: format!(
                "exports: {others} tables of other names, `quarry tables --all` lists all"
            ),
        });
    }
    written(&lines)
}

/// Lists every table.
pub(super) fn all(environment: &Environment) -> Listing {
    let mut lines = filled(environment);
    let documented = environment.documented_names().filter_map(|name| environment.schema(name));
    lines.extend(documented.map(|schema| line(&schema, "exports".to_owned())));
    lines.sort_by(|one, other| one.table.cmp(&other.table));
    written(&lines)
}

/// Lists the tables with a text in their names or in those of columns, whatever its case; `None` if no
/// table has it.
pub(super) fn matching(environment: &Environment, text: &str) -> Option<Listing> {
    let text = text.to_ascii_lowercase();
    let has = |name: &str| name.to_ascii_lowercase().contains(&text);
    let mut found: Vec<(bool, Line)> = Vec::new();
    for name in environment.names() {
        let Some(schema) = environment.schema(&name) else { continue };
        let columns = schema.columns.iter().filter(|column| has(&column.name));
        let columns: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
        let is_named = has(&schema.name);
        if is_named || !columns.is_empty() {
            found.push((!is_named, line(&schema, shown(&columns))));
        }
    }
    found.sort_by_key(|(by_column, _)| *by_column);
    let lines: Vec<Line> = found.into_iter().map(|(_, line)| line).collect();
    (!lines.is_empty()).then(|| {
        listing::of(vec![
            ("Table", KqlType::String, texts(lines.iter().map(|line| line.table.clone()))),
            ("Columns", KqlType::Long, counts(&lines)),
            ("WithIt", KqlType::String, texts(lines.iter().map(|line| line.from.clone()))),
        ])
    })
}

struct Line {
    table: String,
    columns: Option<usize>,
    from: String,
}

fn line(schema: &TableSchema, from: String) -> Line {
    Line { table: schema.name.clone(), columns: Some(schema.columns.len()), from }
}

fn filled(environment: &Environment) -> Vec<Line> {
    let sources = |schema: &TableSchema| {
        let views = environment.views(&schema.name).iter();
        let sources = views.map(|view| view.name.rsplit('/').next().unwrap_or(&view.name));
        sources.collect::<Vec<_>>().join(", ")
    };
    environment.schemas().map(|schema| line(schema, sources(schema))).collect()
}

fn written(lines: &[Line]) -> Listing {
    listing::of(vec![
        ("Table", KqlType::String, texts(lines.iter().map(|line| line.table.clone()))),
        ("Columns", KqlType::Long, counts(lines)),
        ("FilledFrom", KqlType::String, texts(lines.iter().map(|line| line.from.clone()))),
    ])
}

fn counts(lines: &[Line]) -> ArrayRef {
    let count = |line: &Line| line.columns.and_then(|columns| i64::try_from(columns).ok());
    Arc::new(lines.iter().map(count).collect::<Int64Array>())
}

/// Returns the names, the first few if there are many.
fn shown(columns: &[&str]) -> String {
    let names = columns.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match columns.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!("{names} and {more} more"),
        _ => names,
    }
}

/// Returns the word that a name begins with: `Device` of `DeviceInfo`, `AWS` of `AWSGuardDuty`.
fn first_word(name: &str) -> &str {
    let bytes = name.as_bytes();
    let is_upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let starts = |at: &usize| {
        is_upper(*at) && (is_lower(at.saturating_add(1)) || !is_upper(at.saturating_sub(1)))
    };
    let end = (1..bytes.len())
        .find(|at| starts(at) || !bytes.get(*at).is_some_and(u8::is_ascii_alphanumeric));
    name.get(..end.unwrap_or(name.len())).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::first_word;

    #[test]
    fn names_begin_with_words_or_acronyms() {
        for (name, word) in [
            ("DeviceTvmInfo", "Device"),
            ("AADRiskyUsers", "AAD"),
            ("AWSGuardDuty", "AWS"),
            ("Anomalies", "Anomalies"),
            ("GitHubAuditLogsV2_CL", "Git"),
            ("Okta_CL", "Okta"),
            ("", ""),
        ] {
            assert_eq!(first_word(name), word, "{name}");
        }
    }
}
