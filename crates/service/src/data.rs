//! The telemetry that questions are about.

use std::{collections::BTreeSet, fmt::Debug, sync::Arc};

use engine::Input;
use kql_types::Ticks;
use lake::{AsOf, Lake};
use thiserror::Error;

/// Telemetry, as it is when it is asked for.
pub trait Data: Debug + Send + Sync {
    /// Returns what a query reads. What is added later, a query that has begun does not see.
    ///
    /// - `tables`: those that it reads.
    ///
    /// # Errors
    ///
    /// If that cannot be found out, as when an object store does not answer.
    fn inputs(&self, tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError>;

    /// Returns the names of the tables of which there are rows, as far as that is known without reading them.
    ///
    /// # Errors
    ///
    /// If that cannot be found out.
    fn tables(&self) -> Result<BTreeSet<String>, DataError> {
        Ok(BTreeSet::new())
    }
}

/// The telemetry of a lake, and the account of it.
#[derive(Debug)]
pub struct LakeData {
    /// The lake.
    pub lake: Arc<Lake>,
    /// How it was then, if not how it is now.
    pub as_of: Option<AsOf>,
}

impl Data for LakeData {
    fn inputs(&self, tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError> {
        let told = |error: lake::LakeError| DataError(error.to_string());
        self.lake.update().map_err(told)?;
        let mut inputs = self.lake.inputs(self.as_of).map_err(told)?;
        if tables.contains(lake::LEDGER) {
            inputs.extend(self.lake.ledger_inputs().map_err(told)?);
        }
        Ok(inputs)
    }

    fn tables(&self) -> Result<BTreeSet<String>, DataError> {
        let tables = self.lake.tables().map_err(|error| DataError(error.to_string()))?;
        Ok(tables.into_iter().collect())
    }
}

/// Telemetry that cannot be reached.
#[derive(Debug, Error)]
#[error("the telemetry cannot be reached: {0}")]
pub struct DataError(pub String);

/// What `now()` is in a query.
#[derive(Clone, Copy, Debug)]
pub enum Now {
    /// The time of the request.
    Clock(fn() -> Ticks),
    /// The newest event, as `quarry query` has it: for history.
    NewestEvent(fn() -> Ticks),
}
