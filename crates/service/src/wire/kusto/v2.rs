//! An answer in the second version of the protocol: a list of frames.
//!
//! The order of members is part of the protocol, since clients read it as it comes: the frame's type is
//! first, columns stand before rows, and whether there are errors before the errors.

use kql_types::schema::ColumnSchema;
use report::{Dynamics, JsonRows};
use serde_json::{Value, json};

use super::{error::error_object, request::Layout};
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
pub(crate) struct V2 {
    request_id: String,
    layout: Layout,
    tables: usize,
    rows: RowList,
    in_fragment: bool,
}

impl V2 {
    /// - `request_id`: what the client calls the request.
    pub(crate) fn new(layout: Layout, request_id: String) -> Self {
        Self { request_id, layout, tables: 0, rows: RowList::default(), in_fragment: false }
    }

    fn separator(&self) -> &'static str {
        if self.layout.newlines { "\n," } else { "," }
    }

    fn one_api_errors(&self, error: &QueryError) -> Value {
        json!([{ "error": error_object(error, &self.request_id) }])
    }
}

/// The table of properties, up to its rows: what is said of each result, by its place.
const PROPERTIES: &str = concat!(
    r#"{"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","#,
    r#""TableName":"@ExtendedProperties","Columns":[{"ColumnName":"TableId","ColumnType":"int"},"#,
    r#"{"ColumnName":"Key","ColumnType":"string"},{"ColumnName":"Value","ColumnType":"dynamic"}],"#,
    r#""Rows":"#
);

const COMPLETION_COLUMNS: &str = concat!(
    r#"[{"ColumnName":"Timestamp","ColumnType":"datetime"},"#,
    r#"{"ColumnName":"ClientRequestId","ColumnType":"string"},"#,
    r#"{"ColumnName":"ActivityId","ColumnType":"guid"},"#,
    r#"{"ColumnName":"SubActivityId","ColumnType":"guid"},"#,
    r#"{"ColumnName":"ParentActivityId","ColumnType":"guid"},"#,
    r#"{"ColumnName":"Level","ColumnType":"int"},{"ColumnName":"LevelName","ColumnType":"string"},"#,
    r#"{"ColumnName":"StatusCode","ColumnType":"int"},"#,
    r#"{"ColumnName":"StatusCodeName","ColumnType":"string"},"#,
    r#"{"ColumnName":"EventType","ColumnType":"int"},"#,
    r#"{"ColumnName":"EventTypeName","ColumnType":"string"},"#,
    r#"{"ColumnName":"Payload","ColumnType":"string"}]"#
);

impl Frames for V2 {
    fn dynamics(&self) -> Dynamics {
        Dynamics::Native
    }

    fn begin(&mut self, charts: Vec<Option<Chart>>, out: &mut String) {
        let rows = (1..).zip(&charts).map(|(place, chart)| {
            json!([place, "Visualization", visualization::of_kusto(chart.as_ref())])
        });
        let rows: Value = rows.collect();
        let placement = if self.layout.errors_at_end_of_table { "EndOfTable" } else { "InData" };
        put(
            out,
            format_args!(
                "[{{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,\"Version\":\"v2.0\",\
             \"IsFragmented\":{},\"ErrorReportingPlacement\":\"{placement}\"}}{}{PROPERTIES}{rows}}}",
                self.layout.fragments,
                self.separator()
            ),
        );
        self.tables = 1;
    }

    fn begin_result(&mut self, columns: &[ColumnSchema], out: &mut String) {
        let kind = if self.layout.fragments { "TableHeader" } else { "DataTable" };
        put(
            out,
            format_args!(
                "{}{{\"FrameType\":\"{kind}\",\"TableId\":{},\"TableKind\":\"PrimaryResult\",\
             \"TableName\":\"PrimaryResult\",\"Columns\":{}",
                self.separator(),
                self.tables,
                rows::columns(columns, "ColumnName", None, Some("ColumnType"))
            ),
        );
        out.push_str(if self.layout.fragments { "}" } else { ",\"Rows\":[" });
        self.rows = RowList::default();
        self.in_fragment = false;
    }

    fn row(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        if self.layout.fragments && !self.in_fragment {
            put(
                out,
                format_args!(
                    "{}{{\"FrameType\":\"TableFragment\",\"TableFragmentType\":\"DataAppend\",\
                 \"TableId\":{},\"Rows\":[",
                    self.separator(),
                    self.tables
                ),
            );
            self.in_fragment = true;
            self.rows = RowList::default();
        }
        self.rows.array(rows, row, out);
    }

    fn end_batch(&mut self, out: &mut String) {
        if self.in_fragment {
            out.push_str("]}");
            self.in_fragment = false;
        }
    }

    fn end_result(&mut self, rows: u64, error: Option<&QueryError>, out: &mut String) {
        self.end_batch(out);
        if self.layout.fragments {
            put(
                out,
                format_args!(
                    "{}{{\"FrameType\":\"TableCompletion\",\"TableId\":{},\"RowCount\":{rows}",
                    self.separator(),
                    self.tables
                ),
            );
            if let Some(error) = error {
                put(out, format_args!(",\"OneApiErrors\":{}", self.one_api_errors(error)));
            }
            out.push('}');
        } else {
            if let Some(error) = error.filter(|_| !self.layout.errors_at_end_of_table) {
                self.rows.separate(out);
                put(out, format_args!("{{\"OneApiErrors\":{}}}", self.one_api_errors(error)));
            }
            out.push_str("]}");
        }
        self.tables = self.tables.saturating_add(1);
    }

    fn end(&mut self, error: Option<&QueryError>, unread: &[String], out: &mut String) {
        let (level, name, state, status) = match error {
            None if unread.is_empty() => (4, "Info", "S_OK (0)".to_owned(), 0),
            None => (3, "Warning", "S_OK (0)".to_owned(), 0),
            Some(error) => (2, "Error", error.name().code.to_owned(), -1),
        };
        let payload = match error {
            None if unread.is_empty() => {
                json!({ "Count": 1, "Text": "Query completed successfully" })
            }
            None => {
                let text = format!("Not all could be read: {}", unread.join("; "));
                json!({ "Count": unread.len(), "Text": text })
            }
            Some(error) => json!({ "Count": 1, "Text": error.to_string() }),
        };
        let id = json!(self.request_id);
        let payload = json!(payload.to_string());
        put(
            out,
            format_args!(
                "{sep}{{\"FrameType\":\"DataTable\",\"TableId\":{table},\
             \"TableKind\":\"QueryCompletionInformation\",\"TableName\":\"QueryCompletionInformation\",\
             \"Columns\":{COMPLETION_COLUMNS},\
             \"Rows\":[[null,{id},null,null,null,{level},\"{name}\",{status},{state},4,\"QueryInfo\",{payload}]]}}",
                sep = self.separator(),
                table = self.tables,
                state = json!(state),
            ),
        );
        put(
            out,
            format_args!(
                "{}{{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":{},\"Cancelled\":false",
                self.separator(),
                error.is_some()
            ),
        );
        if let Some(error) = error {
            put(out, format_args!(",\"OneApiErrors\":{}", self.one_api_errors(error)));
        }
        out.push_str(if self.layout.newlines { "}\n]" } else { "}]" });
    }
}
