//! Columns that only the data knows, asked of the data: of `bag_unpack` and `pivot` without a schema.
//!
//! A query with such a call is compiled in rounds. Each asks the data what the last one left open, until
//! the columns of every call are known; then the query is compiled as any other, and it is refused if a
//! name in it is none of them, as Kusto does. What a query was told it remembers: a rule has the same
//! columns whenever it looks.

use std::{collections::BTreeMap, sync::Arc};

use kql_bind::tree::{CallSite, Found, FoundColumns};

/// What queries have been told of their columns, by text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers(BTreeMap<Arc<str>, FoundColumns>);

impl Answers {
    /// Returns what a query has been told.
    pub(crate) fn of(&self, text: &str) -> Option<&FoundColumns> {
        self.0.get(text)
    }

    /// Remembers what a query has been told of a call's columns.
    pub(crate) fn add(&mut self, text: &str, call: CallSite, found: Found) {
        self.0.entry(text.into()).or_default().insert(call, found);
    }
}
