//! The telemetry that questions are about.

use std::fmt::Debug;

use engine::Input;
use kql_types::Ticks;
use thiserror::Error;

/// Telemetry, as it is when it is asked for.
pub trait Data: Debug + Send + Sync {
    /// Returns what a query reads. What is added later, a query that has begun does not see.
    ///
    /// # Errors
    ///
    /// If that cannot be found out, as when an object store does not answer.
    fn inputs(&self) -> Result<Vec<Input>, DataError>;
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
