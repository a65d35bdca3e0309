//! What an editor gets for queries that are being written.

#![cfg(test)]
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method is not general over the lifetime of a document, as a closure is"
)]

mod completions;
mod editing;
mod problems;
mod total;

use kql_language::{Document, StandardTables};
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};

/// Returns the built-in tables and two small ones, `Logons` and `Hosts`.
fn catalogue() -> StandardTables {
    let mut tables = StandardTables::new(tables::Environment::Both);
    let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
    tables.add_table(TableSchema {
        name: "Logons".to_owned(),
        columns: vec![
            column("When", KqlType::Datetime),
            column("Account", KqlType::String),
            column("Host", KqlType::String),
            column("Odd name", KqlType::Long),
        ],
    });
    tables.add_table(TableSchema {
        name: "Hosts".to_owned(),
        columns: vec![column("Host", KqlType::String), column("Owner", KqlType::String)],
    });
    tables.add_function("Recent", "(Age: timespan, Rows: (When: datetime)) { Rows }");
    tables
}

/// Reads a text in which `^` is the cursor.
fn marked(text: &str) -> (String, u32) {
    let at = text.find('^').expect("a cursor");
    (text.replacen('^', "", 1), u32::try_from(at).expect("a short text"))
}

/// Runs `ask` on the query and the offset of the cursor.
fn ask<T>(text: &str, ask: impl FnOnce(&Document<'_>, u32) -> T) -> T {
    let (text, at) = marked(text);
    let catalogue = catalogue();
    ask(&Document::new(&text, &catalogue), at)
}
