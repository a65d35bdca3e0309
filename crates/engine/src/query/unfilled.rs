//! Which of the columns that decide what a query finds nothing in an input can fill.
//!
//! What is missing is `""` or null, and `!in`, `isempty` or a join then match on the absence: a rule
//! that reads such a column is silent or loud for want of data, which has to be said.

use std::collections::BTreeSet;

use evtx_arrow::SystemField;
use sources::EVENTS;

use super::{
    compile::{CompiledQuery, compile},
    environment::Environment,
};
use crate::{plan::raw_table::TYPE, scan::balance::Balance};

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
/// An export of a table can fill the columns that its head has, or all of them where each record has
/// keys of its own; an event those that some view of the table makes of events. Of a table without any
/// record nothing is said: that it is empty says more.
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
        let exports = Exports::of(table, balance);
        let has_rows = exports != Exports::None || has_events && is_of_events;
        if !has_rows || exports.fill(column) || column == TYPE {
            continue;
        }
        if filled.as_ref().is_none_or(|(known, _)| *known != table) {
            filled = Some((table, columns_of_events(table, environment)));
        }
        let is_of_view = filled.as_ref().is_some_and(|(_, columns)| columns.contains(column));
        if !(has_events && is_of_events && is_of_view) {
            found.push(UnfilledColumn { table: table.to_owned(), column: column.to_owned() });
        }
    }
    found
}

/// What the exports of a table in an input can fill.
#[derive(Debug, PartialEq, Eq)]
enum Exports<'b> {
    /// There is none.
    None,
    /// These columns.
    Columns(BTreeSet<&'b str>),
    /// Each record has its own keys.
    All,
}

impl<'b> Exports<'b> {
    fn of(table: &str, balance: &'b Balance) -> Self {
        let heads = balance.members.iter().flat_map(|member| &member.heads);
        let mut found = Self::None;
        // Events become rows by views, whatever they were exported to.
        for (_, head) in heads.filter(|(of, _)| of == table && of != EVENTS) {
            let Some(head) = head else { return Self::All };
            let mut columns: BTreeSet<&str> = head.iter().map(String::as_str).collect();
            if let Self::Columns(before) = found {
                columns.extend(before);
            }
            found = Self::Columns(columns);
        }
        found
    }

    fn fill(&self, column: &str) -> bool {
        match self {
            Self::None => false,
            Self::Columns(columns) => columns.contains(column),
            Self::All => true,
        }
    }
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
