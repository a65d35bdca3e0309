//! An answer in the first version of the protocol: one object with tables.
//!
//! The results come first, then what there is to say of them, then the state of the query, and last the
//! contents, which tell of each table what it is.

use kql_types::schema::ColumnSchema;
use report::{Dynamics, JsonRows};
use serde_json::json;

use crate::{
    chart::Chart,
    queries::Frames,
    query_error::QueryError,
    wire::{
        put,
        rows::{self, RowList},
        visualization,
    },
};

/// Frames an answer.
#[derive(Debug)]
pub(crate) struct V1 {
    request_id: String,
    charts: Vec<Option<Chart>>,
    results: usize,
    rows: RowList,
}

impl V1 {
    /// - `request_id`: what the client calls the request.
    pub(crate) fn new(request_id: String) -> Self {
        Self { request_id, charts: Vec::new(), results: 0, rows: RowList::default() }
    }
}

impl Frames for V1 {
    fn dynamics(&self) -> Dynamics {
        Dynamics::Native
    }

    fn begin(&mut self, charts: Vec<Option<Chart>>, out: &mut String) {
        self.charts = charts;
        out.push_str("{\"Tables\":[");
    }

    fn begin_result(&mut self, columns: &[ColumnSchema], out: &mut String) {
        let columns = rows::columns(columns, "ColumnName", Some("DataType"), Some("ColumnType"));
        let name = format!("Table_{}", self.results);
        if self.results > 0 {
            out.push(',');
        }
        put(out, format_args!("{{\"TableName\":\"{name}\",\"Columns\":{columns},\"Rows\":["));
        self.results = self.results.saturating_add(1);
        self.rows = RowList::default();
    }

    fn row(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        self.rows.array(rows, row, out);
    }

    fn end_batch(&mut self, _out: &mut String) {}

    fn end_result(&mut self, _rows: u64, error: Option<&QueryError>, out: &mut String) {
        if let Some(error) = error {
            self.rows.separate(out);
            let told = format!("{}: {error}", error.name().message);
            out.push_str(&json!({ "Exceptions": [told] }).to_string());
        }
        out.push_str("]}");
    }

    fn end(&mut self, error: Option<&QueryError>, unread: &[String], out: &mut String) {
        let column = |name: &str, data: &str, ty: &str| json!({ "ColumnName": name, "DataType": data, "ColumnType": ty });
        let text = |name| column(name, "String", "string");
        let number = |name| column(name, "Int32", "int");
        let table = |place: usize, columns: serde_json::Value, rows: serde_json::Value| json!({ "TableName": format!("Table_{place}"), "Columns": columns, "Rows": rows });
        let (first, second) = (self.results, self.results.saturating_add(1));
        let chart = |place| self.charts.get(place).and_then(Option::as_ref);
        let charts = (0..self.results).map(|place| json!([visualization::of_kusto(chart(place))]));
        let properties = table(first, json!([text("Value")]), charts.collect());
        let (level, name, state) = match error {
            None if unread.is_empty() => (4, "Info", "Query completed successfully".to_owned()),
            None => (3, "Warning", format!("Not all could be read: {}", unread.join("; "))),
            Some(error) => (2, "Error", format!("{}: {error}", error.name().message)),
        };
        let status_code = i32::from(error.is_some());
        let id = &self.request_id;
        let status = table(
            second,
            json!([
                column("Timestamp", "DateTime", "datetime"),
                number("Severity"),
                text("SeverityName"),
                number("StatusCode"),
                text("StatusDescription"),
                number("Count"),
                text("RequestId"),
                text("ActivityId"),
                text("SubActivityId"),
                text("ClientActivityId"),
            ]),
            json!([[null, level, name, status_code, state, 1, id, id, id, id]]),
        );
        let mut contents = Vec::new();
        for place in 0..self.results {
            contents.push(json!([place, "QueryResult", "PrimaryResult", id, ""]));
        }
        contents.push(json!([first, "QueryProperties", "@ExtendedProperties", id, ""]));
        contents.push(json!([second, "QueryStatus", "QueryStatus", id, ""]));
        let contents = table(
            second.saturating_add(1),
            json!([
                column("Ordinal", "Int64", "long"),
                text("Kind"),
                text("Name"),
                text("Id"),
                text("PrettyName"),
            ]),
            json!(contents),
        );
        let comma = if self.results > 0 { "," } else { "" };
        put(out, format_args!("{comma}{properties},{status},{contents}]}}"));
    }
}
