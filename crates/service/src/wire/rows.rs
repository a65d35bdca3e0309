//! What answers in all protocols have in common: columns as objects, and rows with commas between them.

use kql_types::schema::ColumnSchema;
use report::JsonRows;
use serde_json::Value;

use super::{put, types::data_type};

/// The rows of a list that is being written.
#[derive(Debug, Default)]
pub(super) struct RowList {
    has_any: bool,
}

impl RowList {
    /// Appends what stands in front of a further element.
    pub(super) fn separate(&mut self, out: &mut String) {
        if self.has_any {
            out.push(',');
        }
        self.has_any = true;
    }

    /// Appends a row as the list of its values.
    pub(super) fn array(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        self.separate(out);
        rows.write_array(row, out);
    }

    /// Appends a row as an object.
    pub(super) fn object(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String) {
        self.separate(out);
        rows.write_object(row, out);
    }
}

/// Returns columns as objects with the members by which a protocol calls them, in that order.
///
/// - `data_type_as`: the member with the name of .NET's type, if there is one.
/// - `type_as`: that with KQL's.
pub(super) fn columns(
    columns: &[ColumnSchema],
    name_as: &str,
    data_type_as: Option<&str>,
    type_as: Option<&str>,
) -> String {
    let column = |column: &ColumnSchema| {
        let mut text = format!("{{\"{name_as}\":{}", Value::from(column.name.as_str()));
        if let Some(data_type_as) = data_type_as {
            put(&mut text, format_args!(",\"{data_type_as}\":\"{}\"", data_type(column.ty)));
        }
        if let Some(type_as) = type_as {
            put(&mut text, format_args!(",\"{type_as}\":\"{}\"", column.ty.name()));
        }
        text.push('}');
        text
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    format!("[{}]", columns.join(","))
}
