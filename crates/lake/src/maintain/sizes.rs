//! How large a lake is.

use crate::{error::LakeError, layout::LEDGER, open::Lake};

/// What a table of the lake has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Its files.
    pub files: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// The first and the last day with rows, UTC.
    pub days: Option<(String, String)>,
}

impl Lake {
    /// Returns what each table has, the ledger last.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn sizes(&self) -> Result<Vec<TableSize>, LakeError> {
        let mut sizes = Vec::new();
        for table in self.tables()?.into_iter().chain([LEDGER.to_owned()]) {
            let files = self.files(&table)?;
            let days = || files.iter().filter_map(|file| file.day.clone());
            sizes.push(TableSize {
                rows: files.iter().map(|file| file.rows).fold(0, u64::saturating_add),
                bytes: files.iter().map(|file| file.bytes).fold(0, u64::saturating_add),
                files: u64::try_from(files.len()).unwrap_or(u64::MAX),
                days: days().min().zip(days().max()),
                table,
            });
        }
        Ok(sizes)
    }
}
