//! Rows of native tables as plain objects: advanced hunting's and Log Analytics' exports.
//!
//! `Type` names the table in an export of Log Analytics, `$table` in what `search` found; advanced
//! hunting's exports have to be known by their columns. So do rows without a time, which tables of states have.

use crate::{
    json::probe::Probe,
    known::TABLE_COLUMNS,
    problem::Reason,
    request::EVENTS,
    rows::{lane::RowShape, time::TIME_COLUMNS},
    shapes::{Context, Found, JsonShape},
};

/// The keys that may name the table, the likeliest first.
const TELLS: [&[&str]; 3] = [&[TABLE_COLUMNS[0]], &[TABLE_COLUMNS[1]], &[TABLE_COLUMNS[2]]];

/// Why a row of `WindowsEvent` is not read as the row of a table: it is an event, and none of the
/// shapes of events has it.
const NOT_AN_EVENT: Reason =
    Reason::Lacks { shape: "a row of WindowsEvent", what: "Provider, Channel and EventID" };

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, context| {
        let has_time = TIME_COLUMNS.iter().any(|name| record.has(&[name]));
        if !has_time {
            return timeless(record, context);
        }
        let named = TELLS.iter().find_map(|tell| {
            let table = record.text(tell).and_then(|name| context.known.get(&name))?;
            Some((table, record.get(tell).map(|told| (*tell, told.to_owned()))))
        });
        if let Some((table, tell)) = named {
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

/// Returns what a record without a time is, if its columns are a table's.
fn timeless<'s>(record: Probe<'_>, context: &Context<'s>) -> Option<Result<Found<'s>, Reason>> {
    let keys = record.keys();
    let columns: Vec<&str> = keys.iter().map(String::as_str).collect();
    let stems: Vec<&str> = context.stems.iter().map(String::as_str).collect();
    let table = context.known.identify(&columns, &stems).ok()?;
    let shape = RowShape { name: "table JSON", place: &[], tell: None };
    let is_row = table.name != EVENTS && context.known.may_lack_time(table);
    is_row.then_some(Ok(Found::Row(shape, table)))
}
