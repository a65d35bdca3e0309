//! What reads the bytes of strangers, by name, for `fuzz/`, which has no other way to it.
//!
//! Whoever adds a protocol adds what reads it here, and to `fuzz/fuzz_targets/wire.rs`.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use kql_types::{Ticks, schema::TableSchema};

use crate::{
    access,
    inputs::syslog,
    queries::{Question, Span},
    wire::{
        graph,
        kusto::{self, Catalog, Request},
        log_analytics, timespan,
    },
};

/// Reads the body of a request in Kusto's protocol. Returns the query, with the values of its parameters.
pub fn kusto_request(body: &[u8]) -> Option<String> {
    let request = Request::parse(body).ok()?;
    let text = request.text.clone();
    Some(request.question(text).text)
}

/// Returns the query that answers a command; nothing for what is a query already.
///
/// - `table`: the one that there is.
pub fn kusto_command(text: &str, table: &Arc<TableSchema>) -> Option<String> {
    let catalog = Catalog { database: "lake", version: "0", tables: vec![Arc::clone(table)] };
    let command = kusto::command(text).ok().filter(|command| !command.is_query())?;
    command.query(&catalog).ok()
}

/// Reads the body of a request in Log Analytics' protocol.
pub fn log_analytics_request(body: &[u8]) -> Option<String> {
    log_analytics::question(body).ok().map(|Question { text, .. }| text)
}

/// Reads the body of a request in Graph's protocol.
pub fn graph_request(body: &[u8]) -> Option<String> {
    graph::question(body).ok().map(|Question { text, .. }| text)
}

/// Reads a span of time. Returns its start, if it has one, and its end or length.
pub fn span(text: &str) -> Option<(Option<Ticks>, Ticks)> {
    Some(match timespan::span(text)? {
        Span::Last(length) => (None, length),
        Span::Between(from, to) => (Some(from), to),
    })
}

/// Returns the records that a connection of syslog has sent, one a line.
pub fn syslog(received: &[u8]) -> Option<Vec<u8>> {
    syslog::records(received).ok()
}

/// Returns the token that a header shows.
pub fn authorization(value: &[u8]) -> Option<String> {
    let value = HeaderValue::from_bytes(value).ok()?;
    access::secret(&HeaderMap::from_iter([(AUTHORIZATION, value)]))
}
