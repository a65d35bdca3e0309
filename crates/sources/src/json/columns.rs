//! The columns of tables whose rows are arrays: names once, then values in their order.
//!
//! Log Analytics' query API, Azure Data Explorer's answers of both versions, Splunk's `json_rows` and
//! Elastic's SQL write tables so.

use std::sync::Arc;

use windows_event_model::write_json_string;

use super::{cursor::Cursor, probe::Probe, text::unescape};
use crate::{json::members::elements, problem::Reason};

/// Keys under which a column has its name.
const NAMES: [&str; 3] = ["name", "ColumnName", "Name"];
/// Keys of arrays of plain names.
const LISTS: [&str; 4] = ["columns", "Columns", "fields", "Fields"];

/// Tables that Azure Data Explorer sends beside the result, by their columns.
const BESIDE: [&[&str]; 5] = [
    &["Value"],
    &["TableId", "Key", "Value"],
    &["Ordinal", "Kind", "Name", "Id", "PrettyName"],
    &[
        "Timestamp",
        "Severity",
        "SeverityName",
        "StatusCode",
        "StatusDescription",
        "Count",
        "RequestId",
        "ActivityId",
        "SubActivityId",
        "ClientActivityId",
    ],
    &[
        "Timestamp",
        "ClientRequestId",
        "ActivityId",
        "SubActivityId",
        "ParentActivityId",
        "Level",
        "LevelName",
        "StatusCode",
        "StatusCodeName",
        "EventType",
        "EventTypeName",
        "Payload",
    ],
];

/// The names of a table's columns, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns(Arc<[String]>);

impl Columns {
    /// Reads the value of `key`, one array; `None` if it lists no columns.
    pub(crate) fn of(key: &str, array: &str) -> Option<Self> {
        let name = |value: &str| -> Option<String> {
            if let Some(object) = Probe::new(value) {
                return NAMES.iter().find_map(|key| object.text(&[key])).map(Into::into);
            }
            let text = value.strip_prefix('"')?.strip_suffix('"')?;
            LISTS.contains(&key).then(|| unescape(text).into_owned())
        };
        let names: Option<Vec<String>> = elements(array).map(name).collect();
        names.filter(|names| !names.is_empty()).map(|names| Self(names.into()))
    }

    /// Returns the columns of these names.
    pub(crate) const fn called(names: Arc<[String]>) -> Self {
        Self(names)
    }

    /// Returns the names.
    pub(crate) fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.0)
    }

    /// Tells whether these are the columns of the same table.
    pub(crate) fn are_those_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Tells whether the table is not the result but tells of it.
    pub(crate) fn are_beside_the_result(&self) -> bool {
        BESIDE.iter().any(|names| self.0.iter().eq(names.iter()))
    }

    /// Returns a row, one array, as the object that it stands for.
    ///
    /// # Errors
    ///
    /// The row has more or fewer values than there are columns, or is no array.
    pub(crate) fn object(&self, row: &str) -> Result<String, Reason> {
        let mut cursor = Cursor::new(row);
        if let Err(error) = cursor.value() {
            return Err(Reason::Json { expected: error.expected });
        }
        let values: Vec<&str> = elements(row).collect();
        if values.len() != self.0.len() {
            return Err(Reason::FieldCount { expected: self.0.len(), found: values.len() });
        }
        let mut json = String::with_capacity(row.len().saturating_mul(2));
        for (name, value) in self.0.iter().zip(values) {
            json.push(if json.is_empty() { '{' } else { ',' });
            write_json_string(name, &mut json);
            json.push(':');
            json.push_str(value);
        }
        json.push('}');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_objects_or_names() {
        let of = |key, array| Columns::of(key, array).map(|columns| columns.0.join(" "));
        assert_eq!(of("columns", r#"[{"name":"a","type":"int"},{"name":"b"}]"#).unwrap(), "a b");
        assert_eq!(of("x", r#"[{"ColumnName":"a","DataType":"Int32"}]"#).unwrap(), "a");
        assert_eq!(of("fields", r#"["a","b\n"]"#).unwrap(), "a b\n");
        assert_eq!(of("tags", r#"["a","b"]"#), None);
        assert_eq!(of("columns", r#"[{"a":1}]"#), None);
        assert_eq!(of("columns", "[]"), None);
    }

    #[test]
    fn rows_are_objects() {
        let columns = Columns(["a".to_owned(), "b\"".to_owned()].into());
        assert_eq!(columns.object(r#"[1,{"x":[2]}]"#).unwrap(), r#"{"a":1,"b\"":{"x":[2]}}"#);
        for row in ["[1]", "[1,2,3]", "[1,", "{}"] {
            assert!(columns.object(row).is_err(), "{row}");
        }
    }
}
