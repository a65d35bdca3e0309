//! Files deleted that no table has any more.

use chrono::Duration;
use deltalake::operations::vacuum::VacuumMode;
use kql_types::{Ticks, timespan};

use crate::{error::LakeError, layout::LEDGER, log::Log, open::Lake};

/// What was deleted of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// The table.
    pub table: String,
    /// Files that were deleted, or would be.
    pub files: usize,
}

impl Lake {
    /// Deletes the files that have been of no table for a time, and those that were never committed and are
    /// as old.
    ///
    /// - `age`: less than what any reader or writer takes may cost it its files.
    /// - `only_count`: deletes nothing.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn vacuum(&self, age: Ticks, only_count: bool) -> Result<Vec<Vacuumed>, LakeError> {
        // What is written and not committed is of a group that somebody has begun.
        self.finish_journals()?;
        let mut all = Vec::new();
        for table in self.tables()?.into_iter().chain([LEDGER.to_owned()]) {
            let Some(log) = Log::open(&self.store, &table)? else { continue };
            let seconds = age.div_euclid(timespan::SECOND);
            let vacuum = log
                .into_table()
                .vacuum()
                .with_mode(VacuumMode::Full)
                .with_retention_period(Duration::seconds(seconds))
                .with_enforce_retention_duration(false)
                .with_dry_run(only_count);
            let done = self.store.wait(async { vacuum.await });
            let (_, metrics) = done.map_err(LakeError::table(&table))?;
            all.push(Vacuumed { files: metrics.files_deleted.len(), table });
        }
        Ok(all)
    }
}
