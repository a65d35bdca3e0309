//! What a scan reads, as plain data.

use std::path::{Path, PathBuf};

/// One input of a scan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// The standard input of the process.
    Stdin,
}

impl Input {
    /// Returns the path as places and origins name it; `-` for the standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdin => Path::new("-"),
        }
    }
}
