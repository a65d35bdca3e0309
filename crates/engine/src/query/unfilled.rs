//! Which of the columns that decide what a query finds nothing in an input can fill.
//!
//! What is missing is `""` or null, and `!in`, `isempty` or a join then match on the absence: a rule
//! that reads such a column is silent or loud for want of data, which has to be said.

use std::collections::{BTreeMap, BTreeSet};

use sources::{EVENTS, event_column};
use windows_event_model::SystemField;

use super::{
    compile::{CompiledQuery, check},
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

/// What the records of an input can fill.
#[derive(Debug)]
pub struct Filled<'a> {
    environment: &'a Environment,
    balance: &'a Balance,
    has_events: bool,
    /// By table, the columns that are made of events: binding its views takes as long as a rule.
    of_events: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Filled<'a> {
    /// Looks at an input that has been read.
    pub fn new(environment: &'a Environment, balance: &'a Balance) -> Self {
        let mut tables = balance.members.iter().flat_map(|member| &member.tables);
        let has_events = tables.any(|table| table == EVENTS);
        Self { environment, balance, has_events, of_events: BTreeMap::new() }
    }

    /// Returns the columns that decide what a query finds and that nothing in the input fills.
    ///
    /// An export of a table can fill the columns that its head has, or all of them where each record
    /// has keys of its own; an event those that some view of the table makes of events. Of a table
    /// without any record nothing is said: that it is empty says more.
    pub fn lacks(&mut self, query: &CompiledQuery) -> Vec<UnfilledColumn> {
        let mut found = Vec::new();
        for (table, column) in &query.deciding {
            let (table, column) = (&**table, &**column);
            let is_of_events = table == EVENTS || !self.environment.views(table).is_empty();
            let is_of_events = is_of_events && self.has_events;
            let exports = Exports::of(table, self.balance);
            let has_rows = exports != Exports::None || is_of_events;
            if !has_rows || exports.fill(column) || column == TYPE {
                continue;
            }
            if !(is_of_events && self.columns_of_events(table).contains(column)) {
                found.push(UnfilledColumn { table: table.to_owned(), column: column.to_owned() });
            }
        }
        found
    }

    /// Returns the tables that a query reads and of which nothing in the input is a row: no export of them
    /// is there, and no events of which they are made.
    pub fn without_rows(&self, query: &CompiledQuery) -> Vec<String> {
        let is_empty = |table: &String| {
            let is_of_events = table == EVENTS || !self.environment.views(table).is_empty();
            let is_exported = Exports::of(table, self.balance) != Exports::None;
            !(is_exported || (is_of_events && self.has_events))
        };
        let tables = query.tables();
        // The events that a table is made of are not what the query names.
        let is_named = |table: &String| table != EVENTS || tables.len() == 1;
        tables.iter().filter(|table| is_named(table) && is_empty(table)).cloned().collect()
    }

    fn columns_of_events(&mut self, table: &str) -> &BTreeSet<String> {
        let environment = self.environment;
        let columns = self.of_events.entry(table.to_owned());
        columns.or_insert_with(|| columns_of_events(table, environment))
    }
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
    let of_reader = SystemField::ALL.iter().map(|field| event_column(*field).to_owned());
    let of_reader: BTreeSet<String> = of_reader.chain(["EventData".to_owned()]).collect();
    if table == EVENTS {
        return of_reader;
    }
    let views = environment.views(table).iter();
    let columns = views.filter_map(|view| check(&view.text, environment).columns).flatten();
    columns.map(|column| column.name).collect()
}
