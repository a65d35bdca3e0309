//! Any text as a query over the built-in tables: bound and pruned without a panic.

#![no_main]

use std::sync::{Arc, LazyLock};

use kql_bind::{Catalog, TableDefinition};
use libfuzzer_sys::fuzz_target;

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);

fuzz_target!(|text: &str| {
    let (query, _) = kql_syntax::parse(text);
    let (bound, _) = kql_bind::bind(&query, &*TABLES);
    for mut result in bound.results {
        kql_bind::prune(&mut result);
    }
});

/// The built-in tables, without views.
struct Tables(Vec<(Arc<str>, TableDefinition)>);

impl Tables {
    fn new() -> Self {
        let tables = tables::catalog(tables::Environment::Both);
        let table = |table: tables::TableDefinition| {
            let name = table.schema.name.as_str().into();
            let schema = Arc::new(table.schema);
            (name, TableDefinition { schema, views: Vec::new() })
        };
        Self(tables.into_iter().map(table).collect())
    }
}

impl Catalog for Tables {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, table)| table.clone())
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(name, _)| Arc::clone(name)).collect()
    }
}
