//! A scripted client.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "numbers of a few messages")]

mod client;

use kql_syntax::{Code, Diagnostic, Span};
use serde_json::{Value, json};

use client::Client;

const RULE: &str = "\
id: 2f7bb9a1-6e44-4b3a-9c53-7f6f3c1d9f10
name: Odd logons
kind: Scheduled
severity: Medium
query: |
  let Least = 5;
  SecurityEvent
  | where EventID == 4625
  | summarize Count = count() by Account
  | where Count > Least
queryFrequency: 1h
";

/// What the server is told to refuse: every query that says `range`.
fn refuse(query: &str) -> Vec<Diagnostic> {
    let at = query.find("range").and_then(|at| u32::try_from(at).ok());
    at.map(|at| Diagnostic::error(Code(901), Span::new(at, at + 5), "not yet"))
        .into_iter()
        .collect()
}

fn labels(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("a list");
    items.iter().filter_map(|item| item["label"].as_str()).collect()
}

#[test]
fn a_query_is_checked_as_it_is_written() {
    let mut client = Client::start(refuse);
    client.open("file:///a.kql", "kql", "SecurityEvent | where Acount == 'x'");
    let found = client.problems("file:///a.kql");
    assert_eq!(found[0]["code"], "KQL0201");
    assert_eq!(found[0]["range"]["start"], json!({"line": 0, "character": 22}));
    assert_eq!(found[0]["message"], "unknown column `Acount`\ndid you mean `Account`?");
    client.change("file:///a.kql", (0, 22), (0, 28), "Account");
    assert_eq!(client.problems("file:///a.kql"), Vec::<Value>::new());
    client.end();
}

#[test]
fn what_does_not_run_is_told_when_the_client_is_silent() {
    let mut client = Client::start(refuse);
    client.open("file:///a.kql", "kql", "range x from 1 to 2 step 1");
    assert_eq!(client.problems("file:///a.kql"), Vec::<Value>::new());
    let found = client.problems("file:///a.kql");
    assert_eq!((&found[0]["code"], &found[0]["message"]), (&json!("KQL0901"), &json!("not yet")));
    client.end();
}

#[test]
fn the_query_of_a_rule_is_answered_for_in_place() {
    let mut client = Client::start(refuse);
    client.open("file:///rule.yaml", "yaml", RULE);
    let found = client.problems("file:///rule.yaml");
    assert!(
        found.iter().all(|it| it["range"]["start"]["line"] != 7),
        "the query is right: {found:?}"
    );
    assert!(!found.is_empty(), "the rule lacks fields");
    let at = client::at("file:///rule.yaml", 9, 12);
    let answer = client.ask("textDocument/completion", &at);
    assert_eq!(labels(&answer)[0], "Count");
    let hover = client.ask("textDocument/hover", &client::at("file:///rule.yaml", 7, 12));
    assert_eq!(hover["contents"]["value"], "```kql\nEventID: int\n```");
    assert_eq!(hover["range"]["start"], json!({"line": 7, "character": 10}));
    let definition = client.ask("textDocument/definition", &client::at("file:///rule.yaml", 9, 20));
    assert_eq!(definition["range"]["start"], json!({"line": 5, "character": 6}));
    assert_eq!(
        client.ask("textDocument/hover", &client::at("file:///rule.yaml", 1, 2)),
        Value::Null
    );
    client.end();
}

#[test]
fn a_line_that_is_being_added_to_a_rule_is_completed() {
    let mut client = Client::start(refuse);
    client.open("file:///rule.yaml", "yaml", RULE);
    client.change("file:///rule.yaml", (10, 0), (10, 0), "  | pro\n");
    let answer = client.ask("textDocument/completion", &client::at("file:///rule.yaml", 10, 7));
    assert!(labels(&answer).contains(&"project-away"), "{answer}");
    let edit = &answer["items"][0]["textEdit"]["range"];
    assert_eq!(edit["start"], json!({"line": 10, "character": 4}));
    client.end();
}

#[test]
fn calls_symbols_references_and_new_names() {
    let mut client = Client::start(refuse);
    let text = "let Wide = (a: string) { strlen(a) };\n// ä😀\nprint /* 😀 */ Wide('x'), Wide(";
    client.open("file:///b.kql", "kql", text);
    let help = client.ask("textDocument/signatureHelp", &client::at("file:///b.kql", 2, 31));
    assert_eq!(help["signatures"][0]["label"], "Wide(a: string)");
    let symbols = client.ask("textDocument/documentSymbol", &client::file("file:///b.kql"));
    assert_eq!(symbols[0]["name"], "Wide");
    let mut at = client::at("file:///b.kql", 2, 16);
    at["newName"] = json!("Broad");
    let renamed = client.ask("textDocument/rename", &at);
    let edits = renamed["changes"]["file:///b.kql"].as_array().expect("edits");
    let starts: Vec<_> = edits.iter().map(|edit| &edit["range"]["start"]["character"]).collect();
    assert_eq!(starts, [4, 15, 26], "in units of UTF-16");
    at["newName"] = json!("not a name");
    assert_eq!(client.ask("textDocument/rename", &at), Value::Null);
    client.end();
}

#[test]
fn formatting_touches_the_lines_that_differ() {
    let mut client = Client::start(refuse);
    client.open(
        "file:///rule.yaml",
        "yaml",
        &RULE.replace("| where Count > Least", "|where Count>Least"),
    );
    let mut file = client::file("file:///rule.yaml");
    file["options"] = json!({"tabSize": 4, "insertSpaces": true});
    let edits = client.ask("textDocument/formatting", &file);
    assert_eq!(edits.as_array().map(Vec::len), Some(1));
    assert_eq!(edits[0]["range"]["start"], json!({"line": 9, "character": 0}));
    assert_eq!(edits[0]["newText"], "  | where Count > Least\n");
    client.end();
}

#[test]
fn what_is_not_known_is_refused_and_ends_nothing() {
    let mut client = Client::start(refuse);
    assert_eq!(client.error("textDocument/unheardOf", &json!({})), -32601);
    assert_eq!(client.error("textDocument/hover", &json!({"nonsense": 1})), -32602);
    client.open("file:///notes.txt", "plaintext", "SecurityEvent | whee");
    assert_eq!(client.problems("file:///notes.txt"), Vec::<Value>::new());
    client.end();
}
