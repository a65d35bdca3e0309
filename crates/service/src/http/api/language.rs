//! What an editor asks about a query while it is being written, as `kql_language` answers it: what is wrong with it, how
//! it is laid out, what may stand at the cursor, and what something is. Places are UTF-16 units, as in JavaScript's texts.

use std::sync::Arc;

use axum::{body::Bytes, extract::State};
use kql_language::{Document, Range, Utf16};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Problem, Shared, answer, body};

/// Problems that are told; a text of megabytes may have one in each of its lines.
const MOST_PROBLEMS: usize = 100;
/// Completions that are offered; those that fit best are first.
const MOST_COMPLETIONS: usize = 400;

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
    at: u32,
}

pub(super) async fn check(State(service): Shared, bytes: Bytes) -> Answer {
    let Text { text } = body(&bytes)?;
    let queries = Arc::clone(&service.queries);
    let problems = waiting(move || {
        // Also what only the engine refuses: valid queries that do not run.
        let found = queries.check(&text).diagnostics;
        let found = found.iter().take(MOST_PROBLEMS).map(kql_language::Problem::of);
        let places = Utf16::new(&text);
        let problem = |it: kql_language::Problem| {
            let (start, end) = units(&places, it.range);
            let kql_language::Problem { severity, code, message, help, .. } = it;
            json!({ "start": start, "end": end, "severity": severity, "code": code, "message": message, "help": help })
        };
        found.map(problem).collect::<Vec<_>>()
    });
    answer(&json!({ "problems": problems.await? }))
}

pub(super) async fn format(bytes: Bytes) -> Answer {
    let Text { text } = body(&bytes)?;
    let text = waiting(move || kql_language::format(&text).ok());
    answer(&json!({ "text": text.await? }))
}

pub(super) async fn complete(State(service): Shared, bytes: Bytes) -> Answer {
    let TextAt { text, at } = body(&bytes)?;
    let queries = Arc::clone(&service.queries);
    let completions = waiting(move || {
        let places = Utf16::new(&text);
        let document = Document::new(&text, queries.catalog());
        let found = document.completions(places.offset_of_unit(at));
        let completion = |it: kql_language::Completion| {
            let (from, to) = units(&places, it.replace);
            json!({
                "label": it.label, "insert": it.insert, "kind": it.kind, "detail": it.detail,
                "documentation": it.documentation, "from": from, "to": to,
            })
        };
        found.into_iter().take(MOST_COMPLETIONS).map(completion).collect::<Vec<_>>()
    });
    answer(&json!({ "completions": completions.await? }))
}

pub(super) async fn hover(State(service): Shared, bytes: Bytes) -> Answer {
    let TextAt { text, at } = body(&bytes)?;
    let queries = Arc::clone(&service.queries);
    let hover = waiting(move || {
        let places = Utf16::new(&text);
        let found = Document::new(&text, queries.catalog()).hover(places.offset_of_unit(at))?;
        let (start, end) = units(&places, found.range);
        Some(json!({ "start": start, "end": end, "text": found.markdown }))
    });
    answer(&json!({ "hover": hover.await?.unwrap_or(Value::Null) }))
}

fn units(places: &Utf16<'_>, range: Range) -> (u32, u32) {
    (places.unit_of_offset(range.start), places.unit_of_offset(range.end))
}

/// Does something that may take a while with a long text.
async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::failed)
}
