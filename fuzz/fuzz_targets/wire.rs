//! Any bytes from a client of the service: no panic, and what each parser says of them holds.
//!
//! One binary for all parsers, since each would have the whole of the service in it: the first byte is the
//! parser's place in the list, in which a new protocol adds a line, and its seeds to `tests/it/seeds.rs`.

#![no_main]

mod scan;

use std::sync::Arc;

use kql_syntax::Severity;
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use libfuzzer_sys::fuzz_target;
use service::untrusted;

const PARSERS: [fn(&[u8]); 8] = [
    kusto_request,
    kusto_command,
    log_analytics,
    graph,
    timespan,
    authorization,
    ingestion,
    syslog,
];

fuzz_target!(|bytes: &[u8]| {
    if let Some((first, rest)) = bytes.split_first()
        && let Some(parser) = PARSERS.get(usize::from(*first))
    {
        parser(rest);
    }
});

/// What was read of a request was in it: a query is not much longer than what came, with the values of its
/// parameters as literals.
fn kusto_request(bytes: &[u8]) {
    if let Some(query) = untrusted::kusto_request(bytes) {
        assert!(query.len() <= bytes.len().saturating_mul(8), "{query}");
    }
}

fn log_analytics(bytes: &[u8]) {
    if let Some(query) = untrusted::log_analytics_request(bytes) {
        assert!(query.len() <= bytes.len(), "{query}");
    }
}

fn graph(bytes: &[u8]) {
    if let Some(query) = untrusted::graph_request(bytes) {
        assert!(query.len() <= bytes.len(), "{query}");
    }
}

/// The query that answers a command is well-formed, whatever a table and its columns are called: no name
/// becomes a part of the query.
fn kusto_command(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (command, name) = text.split_once('\0').unwrap_or((text, "T"));
    let column = ColumnSchema { name: name.to_owned(), ty: KqlType::String };
    let table = Arc::new(TableSchema { name: name.to_owned(), columns: vec![column] });
    let Some(query) = untrusted::kusto_command(command, &table) else { return };
    // What is piped over it is the client's own.
    if !command.contains('|') {
        let (_, diagnostics) = kql_syntax::parse(&query);
        let is_well_formed = diagnostics.iter().all(|it| it.severity != Severity::Error);
        assert!(is_well_formed, "{command:?} with {name:?}: {diagnostics:?}\n{query}");
    }
}

/// Spans have a start before their end, or a length.
fn timespan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match untrusted::span(text) {
        Some((Some(from), to)) => assert!(from <= to, "{text}"),
        Some((None, length)) => assert!(length >= 0, "{text}"),
        None => {}
    }
}

/// A header shows no more than it has, and never nothing.
fn authorization(bytes: &[u8]) {
    if let Some(secret) = untrusted::authorization(bytes) {
        assert!(!secret.is_empty() && secret.len() <= bytes.len());
    }
}

/// Rows that come in are read as the files of a lake are.
fn ingestion(bytes: &[u8]) {
    scan::check("ingest/batch/DeviceLogonEvents.json", bytes);
}

/// Each record is a line of its own, and read as rows that come in.
fn syslog(bytes: &[u8]) {
    if let Some(records) = untrusted::syslog(bytes) {
        assert!(records.is_empty() || records.ends_with(b"\n"));
        ingestion(&records);
    }
}
