//! Real queries and those of the documentation: same tree, same comments, and formatted once is
//! formatted.

use kql_syntax::{
    Severity,
    lexer::{TokenKind, lex},
    parse,
};
use serde_json::Value;
use testkit::Reference;

use super::{comments, formatted, tree_without_spans};

/// Returns the queries of a file of the reference material that have no syntax errors.
fn accepted_queries(reference: &Reference, name: &str) -> Vec<String> {
    let text = reference.text(name);
    text.lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).expect("one JSON object a line");
            case["query"].as_str().expect("a query").to_owned()
        })
        .filter(|query| parse(query).1.iter().all(|d| d.severity != Severity::Error))
        .collect()
}

/// Returns what the formatter does wrong with a query.
fn fault(query: &str) -> Option<String> {
    let text = formatted(query);
    if tree_without_spans(&text) != tree_without_spans(query) {
        return Some(format!("another tree\n{query}\n---\n{text}"));
    }
    if comments(&text) != comments(query) {
        return Some(format!("other comments\n{query}\n---\n{text}"));
    }
    let again = formatted(&text);
    if again != text {
        return Some(format!("changes again\n{text}\n---\n{again}"));
    }
    let line_with_space = lines_outside_strings(&text).find(|line| line.ends_with([' ', '\t']));
    line_with_space.map(|line| format!("white space at the end of `{line}`\n{text}"))
}

/// Returns the lines of a text without the strings that span several.
fn lines_outside_strings(text: &str) -> impl Iterator<Item = &str> {
    let has_long_string = lex(text)
        .iter()
        .any(|token| token.kind == TokenKind::String && text[token.span.range()].contains('\n'));
    text.lines().filter(move |_| !has_long_string)
}

fn assert_no_faults(reference: &Reference, name: &str, at_least: usize) {
    let queries = accepted_queries(reference, name);
    assert!(queries.len() >= at_least, "{name} has {} accepted queries", queries.len());
    let faults: Vec<_> = queries.iter().filter_map(|query| fault(query)).collect();
    let shown = faults.iter().take(5).cloned().collect::<Vec<_>>().join("\n=====\n");
    assert!(faults.is_empty(), "{} of {}:\n{shown}", faults.len(), queries.len());
}

#[test]
fn real_queries_keep_their_meaning() {
    assert_no_faults(&testkit::reference!("kql"), "kql/realworld.jsonl", 3_900);
}

#[test]
fn queries_of_the_documentation_keep_their_meaning() {
    assert_no_faults(&testkit::reference!("kql"), "kql/conformance.jsonl", 556);
}
