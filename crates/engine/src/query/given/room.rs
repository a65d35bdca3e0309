//! The memory that what the user gives may take.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What all tables that the user gives may take in memory together, and where the rest goes.
#[derive(Clone, Debug)]
pub struct Room {
    left_bytes: Arc<AtomicUsize>,
    folder: Option<PathBuf>,
}

/// What tables may take unless somebody says otherwise.
const DEFAULT_BYTES: usize = 64 << 20;

impl Room {
    /// Makes room for so many bytes, and for the rest in temporary files of a folder.
    pub fn new(bytes: usize, folder: PathBuf) -> Self {
        Self { left_bytes: Arc::new(AtomicUsize::new(bytes)), folder: Some(folder) }
    }

    /// Takes bytes; tells whether there were as many.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let take = |left: usize| left.checked_sub(bytes);
        self.left_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Returns bytes that were taken.
    pub(crate) fn give_back(&self, bytes: usize) {
        let _before = self.left_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns how many bytes are left.
    pub(crate) fn left_bytes(&self) -> usize {
        self.left_bytes.load(Ordering::Relaxed)
    }

    /// Returns the folder for what there is no room for.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

impl Default for Room {
    fn default() -> Self {
        Self { left_bytes: Arc::new(AtomicUsize::new(DEFAULT_BYTES)), folder: None }
    }
}
