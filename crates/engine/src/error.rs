//! What may go wrong when a query that was accepted runs.

use std::path::PathBuf;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use thiserror::Error;

/// A failure of a run. Damaged input is none: it is counted in the balance, and the run goes on.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The plan of an accepted query could not be optimised or made physical.
    #[error("the query cannot be planned")]
    Plan(#[source] DataFusionError),
    /// An operator failed: the memory limit, for example.
    #[error("the query failed while it ran")]
    Execute(#[source] DataFusionError),
    /// A query failed on a row while the input was read, as has been told before.
    #[error("the query failed while the input was read")]
    Failed,
    /// A batch did not have the shape that its reader promised.
    #[error("a reader's rows do not fit the plan")]
    Batch(#[source] ArrowError),
    /// What did not fit into memory could not be written out or read back.
    #[error("temporary file {path}: {source}", path = path.display())]
    Spill {
        /// The temporary file, or the folder it was to be made in.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// What a run holds besides the rows of its operators is more than the memory limit allows.
    #[error("{what}: more than the memory limit allows")]
    Memory {
        /// What it is.
        what: &'static str,
    },
    /// Workers did not read what they were to.
    #[error("{what}")]
    Workers {
        /// Which, and why.
        what: String,
    },
    /// Somebody ended the run before it was done.
    #[error("the run was cancelled")]
    Cancelled,
    /// Something that Quarry's own parts promise each other does not hold: a defect of Quarry's.
    #[error("a defect of Quarry's: {what}")]
    Internal {
        /// What is not so.
        what: &'static str,
    },
    /// No thread could be started.
    #[error("the runtime cannot start")]
    Runtime(#[source] std::io::Error),
}

impl EngineError {
    /// Returns what a query's operators failed with on the rows that they were given, as they would have in
    /// Kusto; `None` for any other error, such as want of memory or a value that they do not take yet.
    pub fn of_query(&self) -> Option<String> {
        match self {
            Self::Execute(error) if !self.is_out_of_memory() => match error.find_root() {
                DataFusionError::Execution(what) if !what.contains("does not run yet") => {
                    Some(what.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Tells whether the operators' memory was not enough, and nothing of it could go to disk.
    pub fn is_out_of_memory(&self) -> bool {
        match self {
            Self::Plan(error) | Self::Execute(error) => {
                matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
            }
            Self::Memory { .. } => true,
            _ => false,
        }
    }
}
