//! Which of the columns that decide what a query finds nothing in an input can fill.
//!
//! What is missing is `""` or null, and `!in`, `isempty` or a join then match on the absence: a rule
//! that reads such a column is silent or loud for want of data, which has to be said.

use std::collections::BTreeSet;

use evtx_arrow::SystemField;
use sources::EVENTS;

use crate::{
    balance::Balance,
    compile::{CompiledQuery, compile},
    environment::Environment,
    raw_table::TYPE,
};

/// A column that decides what a query finds and that no record of the input has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnfilledColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// Returns the columns that decide what a query finds and that nothing in the input fills.
///
/// An export of a table can fill all of its columns, and an event those that some view of the table
/// makes of events. Of a table without any record nothing is said: that it is empty says more.
pub fn unfilled(
    query: &CompiledQuery,
    environment: &Environment,
    balance: &Balance,
) -> Vec<UnfilledColumn> {
    let present: BTreeSet<&str> =
        balance.members.iter().flat_map(|member| &member.tables).map(String::as_str).collect();
    let has_events = present.contains(EVENTS);
    let mut found = Vec::new();
    let mut filled: Option<(&str, BTreeSet<String>)> = None;
    for (table, column) in &query.deciding {
        let (table, column) = (&**table, &**column);
        let is_of_events = table == EVENTS || !environment.views(table).is_empty();
        let is_exported = table != EVENTS && present.contains(table);
        if !has_events || !is_of_events || is_exported || column == TYPE {
            continue;
        }
        if filled.as_ref().is_none_or(|(known, _)| *known != table) {
            filled = Some((table, columns_of_events(table, environment)));
        }
        if filled.as_ref().is_some_and(|(_, columns)| !columns.contains(column)) {
            found.push(UnfilledColumn { table: table.to_owned(), column: column.to_owned() });
        }
    }
    found
}

/// Returns the columns of a table that are made of events.
fn columns_of_events(table: &str, environment: &Environment) -> BTreeSet<String> {
    let of_reader = SystemField::ALL.iter().map(|field| field.name().to_owned());
    let of_reader: BTreeSet<String> = of_reader.chain(["EventData".to_owned()]).collect();
    if table == EVENTS {
        return of_reader;
    }
    let views = environment.views(table).iter();
    let compiled = views.filter_map(|view| compile(&view.text, environment, false).ok());
    let columns = compiled.flat_map(|view| view.results).flat_map(|result| result.columns);
    columns.map(|column| column.name).collect()
}
