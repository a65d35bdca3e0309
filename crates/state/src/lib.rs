//! What a service remembers that is not telemetry: runs of rules, alerts on their way out, incidents, tokens,
//! how far inputs have been read. One file of SQLite in a folder.
//!
//! In: changes, each whole or not at all, that last when [`State::write`] returns. Out: what was written, for
//! whoever opens the folder next. Which tables there are says `migrations/`, in the order of its numbers;
//! the statements that read and write them stand in the crates whose tables they are.

mod error;
mod migrations;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use rusqlite as sqlite;
use rusqlite::{Connection, Transaction, TransactionBehavior, backup::Progress};

pub use crate::error::StateError;

/// The name of the file.
const FILE: &str = "quarry.sqlite";
/// The file whose lock a service has while it runs.
const LOCK: &str = "serve.lock";
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// What a service remembers.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// The right to serve over a state, until it is dropped or the process ends, however that is.
#[derive(Debug)]
pub struct Serving {
    _lock: File,
}

impl State {
    /// Opens the state in a folder; both are made if they are not there. Several processes may have it open.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written, or a later version of the program has written the state.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        // Whoever can write it decides who is let in.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|source| StateError::Folder { path: folder.to_owned(), source })?;
        Self::open_file(folder.join(FILE))
    }

    /// Opens a state that is gone when it is dropped.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn in_memory() -> Result<Self, StateError> {
        Self::open_file(PathBuf::from(":memory:"))
    }

    fn open_file(path: PathBuf) -> Result<Self, StateError> {
        let of_path = |source| StateError::Sqlite { path: path.clone(), source };
        let mut connection = Connection::open(&path).map_err(of_path)?;
        connection.busy_timeout(BUSY).map_err(of_path)?;
        // Readers and a writer do not wait for each other, and what is committed survives a loss of power.
        connection.pragma_update(None, "journal_mode", "wal").map_err(of_path)?;
        connection.pragma_update(None, "synchronous", "full").map_err(of_path)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(of_path)?;
        migrations::run(&mut connection, &path)?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Takes the right to serve, which one process has at a time.
    ///
    /// # Errors
    ///
    /// If another process has it, or the file cannot be made.
    pub fn serve(&self) -> Result<Serving, StateError> {
        let path = self.path.with_file_name(LOCK);
        let failed = |source| StateError::Folder { path: path.clone(), source };
        let lock = File::create(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Serving { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::Served { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Reads.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        read(&self.connection()).map_err(|source| self.failed(source))
    }

    /// Changes something: all of what `write` does, for good, or nothing if it fails.
    ///
    /// # Errors
    ///
    /// Those of `write`, and that the change cannot be kept, because the disk is full, say.
    pub fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StateError> {
        let mut connection = self.connection();
        // It takes the right to write at once: one that reads first and finds the file changed could not.
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let changed = begun.and_then(|transaction| {
            let written = write(&transaction)?;
            transaction.commit()?;
            Ok(written)
        });
        changed.map_err(|source| self.failed(source))
    }

    /// Copies the state to a file, as it is at one time, while it is in use.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn back_up(&self, to: &Path) -> Result<(), StateError> {
        let connection = self.connection();
        connection
            .backup("main", to, None::<fn(Progress)>)
            .map_err(|source| StateError::Sqlite { path: to.to_owned(), source })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked has left no transaction behind: dropping it took it back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: rusqlite::Error) -> StateError {
        StateError::Sqlite { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(state: &State) -> i64 {
        let count = "SELECT count(*) FROM setting";
        state.read(|connection| connection.query_row(count, [], |row| row.get(0))).unwrap()
    }

    fn set(name: &str) -> impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize> {
        move |change| change.execute("INSERT INTO setting VALUES (?1, 'x')", [name])
    }

    #[test]
    fn what_is_written_is_there_for_whoever_opens_it_next() {
        let folder = tempfile::tempdir().unwrap();
        let first = State::open(folder.path()).unwrap();
        first.write(set("a")).unwrap();
        // The first has not ended.
        let second = State::open(folder.path()).unwrap();
        second.write(set("b")).unwrap();
        assert_eq!((count(&first), count(&second)), (2, 2));
    }

    #[test]
    fn a_change_that_fails_is_none() {
        let state = State::in_memory().unwrap();
        let changed = state.write(|change| {
            change.execute("INSERT INTO setting VALUES ('a', 'x')", [])?;
            change.execute("INSERT INTO setting VALUES ('a', 'x')", [])
        });
        assert!(matches!(changed, Err(StateError::Sqlite { .. })), "{changed:?}");
        assert_eq!(count(&state), 0);
    }

    #[test]
    fn one_process_serves_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let serving = state.serve().unwrap();
        let other = State::open(folder.path()).unwrap();
        assert!(matches!(other.serve(), Err(StateError::Served { .. })));
        drop(serving);
        other.serve().unwrap();
    }

    #[test]
    fn a_copy_is_a_state() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("one")).unwrap();
        state.write(set("a")).unwrap();
        let copy = folder.path().join("two");
        fs::create_dir(&copy).unwrap();
        state.back_up(&copy.join(FILE)).unwrap();
        assert_eq!(count(&State::open(&copy).unwrap()), 1);
    }

    #[test]
    fn what_a_later_version_has_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        state.write(|change| change.pragma_update(None, "user_version", 10_000)).unwrap();
        let opened = State::open(folder.path());
        assert!(matches!(opened, Err(StateError::Later { found: 10_000, .. })), "{opened:?}");
    }
}
