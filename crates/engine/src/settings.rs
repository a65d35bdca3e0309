//! How a run goes about its work, which is the caller's to say.

use std::{num::NonZeroUsize, path::PathBuf};

use kql_types::Ticks;
use sources::{DateOrder, Passwords};

/// Limits of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that read the input.
    pub threads: NonZeroUsize,
    /// Bytes that rows kept for the queries may take in memory before they go to disk.
    pub staging_bytes: usize,
    /// Bytes that the queries' operators may take in memory: they spill, or refuse.
    pub operator_bytes: usize,
    /// The folder for temporary files.
    pub spill_folder: PathBuf,
    /// Whether to look for chunks of event logs in content of no known format, and past the end of
    /// event logs.
    pub carve: bool,
    /// How far local times are from UTC in exports that have local times and do not say.
    pub local_offset: Option<Ticks>,
    /// What archives that are encrypted may be opened with.
    pub passwords: Passwords,
    /// The order of day and month in dates that could be read either way; without it the values of a
    /// column decide for all of them.
    pub date_order: Option<DateOrder>,
}

#[cfg(test)]
impl Settings {
    /// Returns limits that no test meets.
    pub(crate) fn for_tests() -> Self {
        Self {
            threads: NonZeroUsize::MIN,
            staging_bytes: 1 << 20,
            operator_bytes: 1 << 30,
            spill_folder: std::env::temp_dir(),
            local_offset: None,
            passwords: Passwords::default(),
            date_order: None,
            carve: false,
        }
    }
}
