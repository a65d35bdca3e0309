//! What can go wrong with a watch.

use lake::LakeError;
use state::StateError;
use thiserror::Error;

/// A turn that failed: it is taken again.
#[derive(Debug, Error)]
pub enum WatchError {
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
}
