//! The fields of an event's data that the views of an environment read.

use std::collections::BTreeSet;

use kql_datafusion::{PathForm, ScanColumn};
use kql_syntax::Diagnostic;
use sources::EVENTS;

use super::{compile::compile, environment::Environment};
use crate::plan::branch;

/// Returns the names of fields that views over events read as text, in order: those worth a column of
/// their own where events are kept.
///
/// # Errors
///
/// The diagnostics of a view that does not compile.
pub fn event_fields(environment: &Environment) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut fields = BTreeSet::new();
    for schema in environment.schemas() {
        if environment.views(&schema.name).is_empty() {
            continue;
        }
        let compiled = compile(&format!("['{}']", schema.name), environment, false)?;
        for result in &compiled.results {
            for (table, column) in branch::columns_read(&result.plan) {
                if let ScanColumn::Path { steps, form: PathForm::Text, .. } = column
                    && table == EVENTS
                    && let [field] = steps.as_slice()
                {
                    fields.insert(field.clone());
                }
            }
        }
    }
    Ok(fields.into_iter().collect())
}
