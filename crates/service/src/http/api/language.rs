//! What an editor asks about a query while it is being written: what is wrong with it, how it is laid out, and which
//! tables and columns may stand at the cursor. Places are UTF-16 units, as in JavaScript's texts.

use std::sync::Arc;

use axum::{body::Bytes, extract::State};
use kql_syntax::{Diagnostic, Severity};
use kql_types::schema::ColumnSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, answer, body};
use crate::queries::Queries;

/// Problems that are told; a text of megabytes may have one in each of its lines.
const MOST_PROBLEMS: usize = 100;

/// A text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

/// A text, and a place in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextAt {
    text: String,
    at: usize,
}

pub(super) async fn check(State(service): Shared, bytes: Bytes) -> Answer {
    let Text { text } = body(&bytes)?;
    let queries = Arc::clone(&service.queries);
    let check = move || {
        let found = queries.check(&text);
        found.diagnostics.iter().take(MOST_PROBLEMS).map(|it| told(&text, it)).collect::<Vec<_>>()
    };
    let problems = tokio::task::spawn_blocking(check).await.map_err(Problem::failed)?;
    answer(&json!({ "problems": problems }))
}

pub(super) async fn format(bytes: Bytes) -> Answer {
    let Text { text } = body(&bytes)?;
    let format = move || kql_syntax::format(&text).ok();
    let text = tokio::task::spawn_blocking(format).await.map_err(Problem::failed)?;
    answer(&json!({ "text": text }))
}

pub(super) async fn complete(State(service): Shared, bytes: Bytes) -> Answer {
    let TextAt { text, at } = body(&bytes)?;
    let queries = Arc::clone(&service.queries);
    let complete = move || completions(&queries, &text, at);
    let completions = tokio::task::spawn_blocking(complete).await.map_err(Problem::failed)?;
    answer(&json!({ "completions": completions }))
}

fn told(text: &str, diagnostic: &Diagnostic) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({
        "start": units(text, diagnostic.span.start),
        "end": units(text, diagnostic.span.end),
        "severity": severity,
        "code": diagnostic.code.to_string(),
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}

/// Returns the tables that may begin a pipeline, or the columns that the rows have behind its last whole operator.
fn completions(queries: &Queries, text: &str, at: usize) -> Vec<Value> {
    let before = text.get(..byte_of(text, at)).unwrap_or(text);
    let word = before.len().saturating_sub(
        before
            .chars()
            .rev()
            .take_while(|it| it.is_alphanumeric() || *it == '_')
            .map(char::len_utf8)
            .sum(),
    );
    let from = units(text, u32::try_from(word).unwrap_or(u32::MAX));
    let offered = |label: &str, kind: &str, detail: &str| json!({ "label": label, "insert": label, "kind": kind, "detail": detail, "from": from });
    let statement = before.get(..word).unwrap_or_default();
    let pipe = statement.rfind('|');
    let Some(rows) = pipe.and_then(|pipe| statement.get(..pipe)) else {
        let tables = queries.tables().unwrap_or_default();
        return tables.iter().map(|table| offered(&table.name, "table", "table")).collect();
    };
    let columns = queries.check(rows).columns.unwrap_or_default();
    let column = |column: &ColumnSchema| offered(&column.name, "column", &column.ty.to_string());
    columns.iter().map(column).collect()
}

/// Returns the UTF-16 units before a byte.
fn units(text: &str, byte: u32) -> usize {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX);
    let before = text.char_indices().take_while(|(at, _)| *at < byte);
    before.map(|(_, char)| char.len_utf16()).sum()
}

/// Returns the byte behind so many UTF-16 units.
fn byte_of(text: &str, units: usize) -> usize {
    let mut passed = 0_usize;
    for (byte, char) in text.char_indices() {
        if passed >= units {
            return byte;
        }
        passed = passed.saturating_add(char.len_utf16());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_units_of_utf_16() {
        let text = "a\u{1f600}b";
        assert_eq!([0, 1, 5, 6].map(|byte| units(text, byte)), [0, 1, 3, 4]);
        assert_eq!([0, 1, 3, 4, 9].map(|unit| byte_of(text, unit)), [0, 1, 5, 6, 6]);
    }
}
