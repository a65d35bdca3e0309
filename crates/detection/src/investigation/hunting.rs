//! The investigation guide as hunting queries, for a workspace: the questions without an alert.
//!
//! Where a question has an alert's values, the hunting query begins with a line for each, to be filled in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use kql_syntax::lexer::{TokenKind, lex};
use rule_file::export::HuntingQuery;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Guide, Question};

/// What all hunting queries of a guide have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The id of the package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Tactics of ATT&CK, as Sentinel writes them: `LateralMovement`.
    pub tactics: Vec<String>,
    /// Techniques of ATT&CK.
    pub techniques: Vec<String>,
    /// The data connectors that fill a table, by tables.
    pub connectors: BTreeMap<String, BTreeSet<String>>,
}

impl Guide {
    /// Returns each question as a hunting query, in order; or the question, where values of an alert stand
    /// in other places than a query can have a name: between other text in quotes, for example.
    pub fn hunting_queries(&self, subject: &Subject) -> Vec<Result<HuntingQuery, &Question>> {
        let made = |question| hunting_query(question, subject).ok_or(question);
        self.questions.iter().map(made).collect()
    }
}

fn hunting_query(question: &Question, subject: &Subject) -> Option<HuntingQuery> {
    let query = with_names(&question.query)?;
    let connectors = connectors(&query, &subject.connectors);
    let fields = json!({
        "id": id(&subject.package, &question.ask),
        "name": question.ask,
        "description": question.tells.trim(),
        "requiredDataConnectors": connectors,
        "tactics": subject.tactics,
        "relevantTechniques": subject.techniques,
        "query": query,
        "version": subject.version,
    });
    let Value::Object(map) = fields else { return None };
    Some(HuntingQuery::new(map))
}

/// Returns a question's query with names in place of an alert's values, and a line for each name.
fn with_names(query: &str) -> Option<String> {
    let mut body = String::with_capacity(query.len());
    let mut names: Vec<&str> = Vec::new();
    let mut rest = query;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric()) {
            body.push_str(before);
            body.push('{');
            rest = behind;
            continue;
        }
        let quotes = if is_time(name) { ("datetime(", ")") } else { ("\"", "\"") };
        body.push_str(before.strip_suffix(quotes.0)?);
        // A column would go before a name that is its own.
        let _infallible = write!(body, "Alert{name}");
        rest = after.strip_prefix(quotes.1)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    body.push_str(rest);
    if names.is_empty() {
        return Some(body);
    }
    let mut lines = "// Fill in the values of the alert.\n".to_owned();
    for name in names {
        let value = match name {
            "From" => "ago(1d)",
            "To" => "now()",
            _ => "\"\"",
        };
        let _infallible = writeln!(lines, "let Alert{name} = {value};");
    }
    Some(lines + &body)
}

/// Tells whether a value is a time, which stands in no quotes.
fn is_time(name: &str) -> bool {
    ["From", "To"].contains(&name)
}

/// Returns the connectors of the tables that a query names, as rules list them.
fn connectors(query: &str, of_tables: &BTreeMap<String, BTreeSet<String>>) -> Vec<Value> {
    let mut tables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for token in lex(query).iter().filter(|token| token.kind == TokenKind::Identifier) {
        let range = token.span.start as usize..token.span.end as usize;
        let Some((table, connectors)) =
            query.get(range).and_then(|name| of_tables.get_key_value(name))
        else {
            continue;
        };
        for connector in connectors {
            tables.entry(connector).or_default().insert(table);
        }
    }
    let listed = tables.into_iter();
    listed
        .map(|(connector, tables)| {
            let mut map = Map::new();
            map.insert("connectorId".to_owned(), Value::from(connector));
            map.insert("dataTypes".to_owned(), tables.into_iter().map(Value::from).collect());
            Value::Object(map)
        })
        .collect()
}

/// Returns an id in the form of a GUID that a question has in a package.
fn id(package: &str, ask: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["hunting query", package, ask] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut id = String::with_capacity(36);
    for (at, byte) in hash.finalize().iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        let _infallible = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Package;

    #[test]
    fn values_of_an_alert_are_names_to_be_filled_in() {
        let query =
            "T\n| where a =~ \"{Host}\" and t > datetime({From}) and h has \"{Host}\" | extend {x}";
        assert_eq!(
            with_names(&query.replace(" | extend {x}", "")).unwrap(),
            "// Fill in the values of the alert.\nlet AlertHost = \"\";\nlet AlertFrom = ago(1d);\n\
             T\n| where a =~ AlertHost and t > AlertFrom and h has AlertHost"
        );
        assert_eq!(
            with_names("T | extend a = dynamic({ })").unwrap(),
            "T | extend a = dynamic({ })"
        );
        for query in
            [query, "T | where a == \"x{Host}\"", "T | where t > {From}", "T | where a == {A}"]
        {
            assert_eq!(with_names(query), None, "{query}");
        }
    }

    #[test]
    fn the_packages_questions_are_hunting_queries_that_run() {
        let package = Package::builtin().unwrap();
        let environment = engine::Environment::builtin(tables::Environment::Sentinel);
        let queries = package.hunting_queries().unwrap();
        assert!(queries.len() > 10);
        let mut ids = BTreeSet::new();
        for query in queries {
            let query = query.unwrap();
            let text = query.query();
            let checked = engine::check(text, &environment);
            assert!(checked.is_ok(), "{}: {checked:?}\n{text}", query.name());
            assert!(!text.contains("{Target") && !text.contains("{Source"), "{text}");
            let yaml = query.yaml().unwrap();
            for part in ["- LateralMovement", "- T1021.002", "version: "] {
                assert!(yaml.contains(part), "{part}: {yaml}");
            }
            if text.contains("SecurityEvent") {
                assert!(yaml.contains("dataTypes:\n      - SecurityEvent\n"), "{yaml}");
            }
            assert!(ids.insert(query.id().to_owned()));
        }
    }
}
