//! Diagnostics as SARIF 2.1.0, which code hosts show beside the lines of a change.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use kql_syntax::{Diagnostic, LineIndex, Severity, Span};
use serde_json::{Value, json};

use super::{explain, verdict::Verdict};

/// Returns the log of one run.
pub(super) fn log(verdicts: &[Verdict]) -> Value {
    let rules: Vec<_> = explain::explanations().collect();
    let results: Vec<Value> = verdicts
        .iter()
        .flat_map(|verdict| {
            let index = LineIndex::new(&verdict.text);
            verdict.diagnostics.iter().map(move |diagnostic| result(verdict, &index, diagnostic))
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code.to_string(),
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": rule.text},
                "help": {"text": rule.text, "markdown": rule.text},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "quarry",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(verdict: &Verdict, index: &LineIndex<'_>, diagnostic: &Diagnostic) -> Value {
    let message = match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let place = |span: Span| {
        json!({
            "artifactLocation": {"uri": uri(&verdict.file)},
            "region": region(index, span),
        })
    };
    let mut result = json!({
        "ruleId": diagnostic.code.to_string(),
        "level": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": {"text": message},
        "locations": [{"physicalLocation": place(diagnostic.span)}],
    });
    if !diagnostic.labels.is_empty()
        && let Some(result) = result.as_object_mut()
    {
        let labels = diagnostic.labels.iter().map(|label| {
            json!({
                "physicalLocation": place(label.span),
                "message": {"text": label.message},
            })
        });
        result.insert("relatedLocations".to_owned(), labels.collect());
    }
    result
}

/// Returns a region; SARIF counts lines and columns from 1 and ends one past the last column.
fn region(index: &LineIndex<'_>, span: Span) -> Value {
    let (start, end) = (index.line_column(span.start), index.line_column(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": span.start,
        "byteLength": span.end.saturating_sub(span.start),
    })
}

/// Returns a path as a URI reference: `/` between its parts, and what has a meaning there escaped.
///
/// Source: RFC 3986, sections 2.3 and 3.3.
fn uri(path: &str) -> String {
    uri_on(path, cfg!(windows))
}

/// Returns the same for a system whose paths have backslashes and drives, or slashes alone.
fn uri_on(path: &str, is_windows: bool) -> String {
    use std::fmt::Write;

    let path = if is_windows { path.replace('\\', "/") } else { path.to_owned() };
    if is_windows && let Some((drive, rest)) = path.split_once(":/") {
        let rest = uri_on(rest, false);
        return format!("file:///{drive}:/{rest}");
    }
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(uri, "%{byte:02X}");
        }
    }
    if path.starts_with('/') { format!("file://{uri}") } else { uri }
}

#[cfg(test)]
mod tests {
    use super::{uri, uri_on};

    #[test]
    fn paths_are_uri_references() {
        assert_eq!(uri("rules/a b#1.yaml"), "rules/a%20b%231.yaml");
        assert_eq!(uri("/tmp/ä.kql"), "file:///tmp/%C3%A4.kql");
    }

    #[test]
    fn paths_of_windows_are_too() {
        assert_eq!(uri_on(r"rules\a b.yaml", true), "rules/a%20b.yaml");
        assert_eq!(uri_on(r"C:\rules\ä.kql", true), "file:///C:/rules/%C3%A4.kql");
        assert_eq!(uri_on(r"a:b.kql", false), "a%3Ab.kql");
    }
}
