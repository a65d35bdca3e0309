//! A lake kept in shape: small files put together, old rows removed, files deleted that nobody needs, and a
//! look at whether all is as it should be.
//!
//! Whatever replaces or removes files commits under one application's name, so that of two at a time the
//! second is refused and starts again from what it then finds. The library's own check does not see that
//! both have put the same files together, and keeps the rows of both.

mod check;
mod compact;
mod retain;
mod sizes;
mod vacuum;

use deltalake::kernel::{Action, Transaction};
use deltalake::protocol::DeltaOperation;

pub use self::{
    check::{Checked, Finding},
    compact::Compacted,
    retain::Retained,
    sizes::TableSize,
    vacuum::Vacuumed,
};
use crate::{
    error::LakeError,
    log::{Committed, Log},
    store::Store,
};

/// The application that all of it commits as.
const MAINTENANCE: &str = "quarry-maintenance";
/// How often something is tried that others come before.
const ATTEMPTS: usize = 20;

/// Commits what replaces or removes files, based on what was last read.
fn commit(
    store: &Store,
    log: &mut Log,
    actions: Vec<Action>,
    operation: DeltaOperation,
) -> Result<Committed, LakeError> {
    let last = log.transaction(store, MAINTENANCE)?.unwrap_or_default();
    let transaction = Transaction::new(MAINTENANCE, last.saturating_add(1));
    log.commit(store, actions, vec![transaction], operation)
}

#[cfg(test)]
mod tests;
