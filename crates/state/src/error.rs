//! What can go wrong with a state.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A state that cannot be used.
#[derive(Debug, Error)]
pub enum StateError {
    /// Its folder cannot be made or written.
    #[error("{path}: the state cannot be kept there: {source}", path = path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("{path}: {source}", path = path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A later version of the program has written it.
    #[error(
        "{path}: the state was written by a later version: it is of form {found}, and {known} is the last that this one knows",
        path = path.display()
    )]
    Later {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: u32,
        /// The last form that is known.
        known: u32,
    },
    /// Another process serves over it.
    #[error("{path}: another process serves over this state", path = path.display())]
    Served {
        /// The file that it has locked.
        path: PathBuf,
    },
}
