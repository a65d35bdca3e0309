//! Rows of native tables as plain objects: advanced hunting's and Log Analytics' exports.
//!
//! `Type` names the table in an export of Log Analytics; advanced hunting's exports have to be
//! known by their columns.

use crate::{
    problem::Reason,
    request::EVENTS,
    rows::lane::RowShape,
    shapes::{Found, JsonShape},
};

/// The key that names the table.
const TYPE: &[&str] = &["Type"];

/// Why a row of `WindowsEvent` is not read as the row of a table: it is an event, and none of the
/// shapes of events has it.
const NOT_AN_EVENT: Reason =
    Reason::Lacks { shape: "a row of WindowsEvent", what: "Provider, Channel and EventID" };

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, context| {
        let has_time = record.has(&["TimeGenerated"]) || record.has(&["Timestamp"]);
        if !has_time {
            return None;
        }
        let tell = record.get(TYPE).map(|told| (TYPE, told.to_owned()));
        let named = record.text(TYPE).and_then(|name| context.known.get(&name));
        if let Some(table) = named {
            if table.name == EVENTS {
                return Some(Err(NOT_AN_EVENT));
            }
            let shape = RowShape { name: "table JSON", place: &[], tell };
            return Some(Ok(Found::Row(shape, table)));
        }
        let keys = record.keys();
        let columns: Vec<&str> = keys.iter().map(String::as_str).collect();
        let stems: Vec<&str> = context.stems.iter().map(String::as_str).collect();
        let shape = RowShape { name: "table JSON", place: &[], tell: None };
        Some(match context.known.identify(&columns, &stems) {
            Ok(table) if table.name == EVENTS => Err(NOT_AN_EVENT),
            Ok(table) => Ok(Found::Row(shape, table)),
            Err(reason) => Err(reason),
        })
    },
};
