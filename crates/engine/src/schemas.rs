//! The columns of every table that there is, those of the cloud made when they are asked for.

use std::{collections::BTreeMap, sync::Arc};

use kql_types::schema::TableSchema;

/// Tables by name: those that are held, and the documented ones of an environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schemas {
    held: BTreeMap<Arc<str>, Arc<TableSchema>>,
    documented: Option<tables::Environment>,
}

impl Schemas {
    /// Returns these tables, and those that are documented of an environment.
    pub(crate) fn new<'a>(
        held: impl Iterator<Item = &'a Arc<TableSchema>>,
        documented: Option<tables::Environment>,
    ) -> Self {
        let named = |schema: &Arc<TableSchema>| (schema.name.as_str().into(), Arc::clone(schema));
        Self { held: held.map(named).collect(), documented }
    }

    /// Returns the columns of the table of that exact name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<TableSchema>> {
        match self.held.get(name) {
            Some(schema) => Some(Arc::clone(schema)),
            None => tables::documented(self.documented?, name).map(Arc::new),
        }
    }
}
