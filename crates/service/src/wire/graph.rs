//! Graph's `runHuntingQuery`.
//!
//! Source: <https://learn.microsoft.com/graph/api/security-security-runhuntingquery>.

use kql_types::schema::ColumnSchema;
use report::{Dynamics, JsonRows};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    log_analytics::of_query,
    rows::{self, RowList},
};
use crate::{
    chart::Chart,
    queries::{Frames, Question},
    query_error::QueryError,
    wire::put,
};

#[derive(Deserialize)]
struct Body {
    #[serde(alias = "query")]
    #[serde(rename = "Query")]
    query: String,
    #[serde(alias = "timespan")]
    #[serde(default, rename = "Timespan")]
    timespan: Option<String>,
}

/// Reads a request. Its time span is that of the records that it is about.
///
/// # Errors
///
/// If it is not what it should be.
pub(crate) fn question(body: &[u8]) -> Result<Question, QueryError> {
    let wrong = |error: serde_json::Error| QueryError::Request(format!("the body: {error}"));
    let Body { query, timespan } = serde_json::from_slice(body).map_err(wrong)?;
    of_query(query, timespan.as_deref())
}

/// Frames an answer, which has one result.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    rows: RowList,
}

impl Frames for Graph {
    fn takes_several_results(&self) -> bool {
        false
    }

    fn dynamics(&self) -> Dynamics {
        Dynamics::Native
    }

    fn begin(&mut self, _charts: Vec<Option<Chart>>, out: &mut String) {
        out.push('{');
    }

    fn begin_result(&mut self, columns: &[ColumnSchema], out: &mut String) {
        let columns = rows::columns(columns, "name", Some("type"), None);
        put(out, format_args!("\"schema\":{columns},\"results\":["));
    }

    fn row(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        self.rows.object(rows, row, out);
    }

    fn end_batch(&mut self, _out: &mut String) {}

    fn end_result(&mut self, _rows: u64, _error: Option<&QueryError>, out: &mut String) {
        out.push(']');
    }

    fn end(&mut self, error: Option<&QueryError>, unread: &[String], out: &mut String) {
        if !unread.is_empty() {
            put(out, format_args!(",\"warnings\":{}", json!(unread)));
        }
        if let Some(error) = error {
            // Graph has no place for it; a client that looks finds it.
            put(out, format_args!(",\"error\":{}", error_object(error)));
        }
        out.push('}');
    }
}

/// Returns the body of an answer that has no rows.
pub(crate) fn error_body(error: &QueryError) -> Value {
    json!({ "error": error_object(error) })
}

fn error_object(error: &QueryError) -> Value {
    let code = match error {
        QueryError::Refused { .. } | QueryError::Request(_) => "BadRequest",
        _ => error.name().code,
    };
    json!({ "code": code, "message": error.to_string() })
}
