//! The query API of Log Analytics.
//!
//! Source: <https://learn.microsoft.com/rest/api/loganalytics/query/execute>.

use kql_types::schema::ColumnSchema;
use report::{Dynamics, JsonRows};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rows::{self, RowList},
    timespan, visualization,
};
use crate::{
    chart::Chart,
    queries::{Frames, Question},
    query_error::QueryError,
    wire::put,
};

#[derive(Deserialize)]
struct Body {
    query: String,
    #[serde(default)]
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

/// Makes a question of a query and the span of time that it is about.
pub(super) fn of_query(text: String, span: Option<&str>) -> Result<Question, QueryError> {
    let span = match span.filter(|span| !span.is_empty()) {
        None => None,
        Some(text) => Some(timespan::span(text).ok_or_else(|| {
            QueryError::Request(format!("`{text}` is no span of time such as `PT1H` or `P1D`"))
        })?),
    };
    Ok(Question { text, span, now: None, time: None, rows: None, is_unlimited: false })
}

/// Frames an answer.
#[derive(Debug, Default)]
pub(crate) struct LogAnalytics {
    /// The client asks how the rows are drawn.
    wants_chart: bool,
    chart: Option<Chart>,
    results: usize,
    rows: RowList,
}

impl LogAnalytics {
    /// - `prefer`: what the client wants to have besides the rows, as in the header `Prefer`.
    pub(crate) fn new(prefer: &str) -> Self {
        let mut wants = prefer.split([',', ';']).map(|it| it.trim().to_ascii_lowercase());
        let wants_chart = wants.any(|it| it == "include-render=true");
        Self { wants_chart, ..Self::default() }
    }
}

impl Frames for LogAnalytics {
    fn dynamics(&self) -> Dynamics {
        Dynamics::Text
    }

    fn begin(&mut self, charts: Vec<Option<Chart>>, out: &mut String) {
        self.chart = charts.into_iter().find_map(|chart| chart).filter(|_| self.wants_chart);
        out.push_str("{\"tables\":[");
    }

    fn begin_result(&mut self, columns: &[ColumnSchema], out: &mut String) {
        let columns = rows::columns(columns, "name", None, Some("type"));
        let name = match self.results {
            0 => "PrimaryResult".to_owned(),
            further => format!("Table_{further}"),
        };
        if self.results > 0 {
            out.push(',');
        }
        put(out, format_args!("{{\"name\":\"{name}\",\"columns\":{columns},\"rows\":["));
        self.results = self.results.saturating_add(1);
        self.rows = RowList::default();
    }

    fn row(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        self.rows.array(rows, row, out);
    }

    fn end_batch(&mut self, _out: &mut String) {}

    fn end_result(&mut self, _rows: u64, _error: Option<&QueryError>, out: &mut String) {
        out.push_str("]}");
    }

    fn end(&mut self, error: Option<&QueryError>, unread: &[String], out: &mut String) {
        out.push(']');
        if let Some(chart) = &self.chart {
            put(out, format_args!(",\"render\":{}", visualization::of_log_analytics(chart)));
        }
        let inner = match error {
            Some(error) => Some(error_object(error)),
            None if unread.is_empty() => None,
            None => Some(json!({ "code": "UnreadData", "message": unread.join("; ") })),
        };
        if let Some(inner) = inner {
            let partial = json!({
                "code": "PartialError",
                "message": "There were some errors when processing your query.",
                "details": [inner],
            });
            put(out, format_args!(",\"error\":{partial}"));
        }
        out.push('}');
    }
}

/// Returns the body of an answer that has no rows.
pub(crate) fn error_body(error: &QueryError) -> Value {
    json!({ "error": error_object(error) })
}

fn error_object(error: &QueryError) -> Value {
    let name = error.name();
    let code = match error {
        QueryError::Refused { .. } | QueryError::Request(_) => "BadArgumentError",
        _ => name.code,
    };
    let inner = match error {
        QueryError::Refused { code, .. } => code,
        _ => name.code,
    };
    json!({
        "code": code,
        "message": name.message,
        "innererror": { "code": inner, "message": error.to_string() },
    })
}
