//! The tables, as one version after another has made them.
//!
//! A migration that has been released is never changed: further ones follow it.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StateError;

/// In order. How many of them a file has had is its `user_version`.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/001_settings.sql"),
    include_str!("migrations/002_tokens.sql"),
    include_str!("migrations/003_watch.sql"),
    include_str!("migrations/004_steps.sql"),
];

/// Brings a file up to date.
///
/// # Errors
///
/// If a later version has written it, or SQLite fails.
pub(crate) fn run(connection: &mut Connection, path: &Path) -> Result<(), StateError> {
    let of_path = |source| StateError::Sqlite { path: path.to_owned(), source };
    // Two processes that start at once must not both run one.
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let change = begun.map_err(of_path)?;
    let found: u32 =
        change.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(of_path)?;
    let mut known = 0;
    for (number, migration) in (1..).zip(MIGRATIONS) {
        if number > found {
            change.execute_batch(migration).map_err(of_path)?;
        }
        known = number;
    }
    if found > known {
        return Err(StateError::Later { path: path.to_owned(), found, known });
    }
    change.pragma_update(None, "user_version", known).map_err(of_path)?;
    change.commit().map_err(of_path)
}
