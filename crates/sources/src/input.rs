//! What a scan reads, as plain data.

use std::{
    cmp::Ordering,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::remote::RemoteFile;

/// One input of a scan; ordered, and told apart, by what it is called.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// The standard input of the process.
    Stdin,
    /// A file that is somewhere else, and what places and origins call it.
    Remote(PathBuf, Arc<dyn RemoteFile>),
}

impl Input {
    /// Returns the path as places and origins name it; `-` for the standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Remote(path, _) => path,
            Self::Stdin => Path::new("-"),
        }
    }

    /// Returns the number of bytes that are stored, 0 if that is not known.
    pub fn stored_bytes(&self) -> u64 {
        match self {
            Self::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Self::Remote(_, file) => file.len(),
            Self::Stdin => 0,
        }
    }
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path()
    }
}

impl Eq for Input {}

impl PartialOrd for Input {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Input {
    fn cmp(&self, other: &Self) -> Ordering {
        self.path().cmp(other.path())
    }
}
