//! The files that tables of a lake consist of, and what the log says of their rows.

use std::{ops::RangeInclusive, path::PathBuf};

use deltalake::kernel::LogicalFileView;
use kql_types::{Ticks, datetime};
use serde_json::Value;

use crate::{
    error::LakeError,
    layout::{DAY, LEDGER},
    log::Log,
    open::Lake,
};

/// A Parquet file of a lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeFile {
    /// The table.
    pub table: String,
    /// Its place, relative to the lake.
    pub place: String,
    /// Bytes.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// The day of its rows, UTC; absent for rows without a time.
    pub day: Option<String>,
    /// The range that the times of its rows lie in, as far as that is said.
    pub times: Option<RangeInclusive<Ticks>>,
    /// The range that the ids of its events lie in, as far as that is said.
    pub event_ids: Option<RangeInclusive<i64>>,
}

impl Lake {
    /// Returns the names of the tables of telemetry.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn tables(&self) -> Result<Vec<String>, LakeError> {
        let mut names = self.store.folders()?;
        names.retain(|name| !name.starts_with(['_', '.']) && name != LEDGER);
        Ok(names)
    }

    /// Returns the files of a table, by day and place; none if there is no such table.
    ///
    /// # Errors
    ///
    /// If its log cannot be read, or says nothing of how many rows a file has.
    pub fn files(&self, table: &str) -> Result<Vec<LakeFile>, LakeError> {
        let Some(log) = Log::open(&self.store, table)? else { return Ok(Vec::new()) };
        let mut files: Vec<LakeFile> =
            log.files()?.iter().map(|file| of_log(table, file)).collect::<Result<_, _>>()?;
        files.sort_by(|one, other| (&one.day, &one.place).cmp(&(&other.day, &other.place)));
        Ok(files)
    }

    /// Returns what people call a file.
    pub fn path_of(&self, file: &LakeFile) -> PathBuf {
        self.address().path_of(&file.place)
    }
}

/// Returns what a log says of a file.
pub(crate) fn of_log(table: &str, file: &LogicalFileView) -> Result<LakeFile, LakeError> {
    let place = format!("{table}/{}", file.path());
    let damaged = |reason: &str| LakeError::Damaged {
        file: place.clone(),
        reason: format!("the table's log {reason}"),
    };
    let stats = file.stats().ok_or_else(|| damaged("says nothing of its rows"))?;
    let stats: Value =
        serde_json::from_str(&stats).map_err(|error| damaged(&format!("is not JSON: {error}")))?;
    let rows = stats.get("numRecords").and_then(Value::as_u64);
    let rows = rows.ok_or_else(|| damaged("does not say how many rows it has"))?;
    let bound = |side: &str, name: &str| stats.get(side)?.get(name);
    let time = |side: &str, name: &str| datetime::parse(bound(side, name)?.as_str()?);
    let times = ["TimeGenerated", "Timestamp"]
        .iter()
        .find_map(|name| Some(time("minValues", name)?..=time("maxValues", name)?));
    let id = |side: &str| bound(side, "EventID")?.as_i64();
    let event_ids = id("minValues").zip(id("maxValues")).map(|(least, most)| least..=most);
    Ok(LakeFile {
        table: table.to_owned(),
        bytes: u64::try_from(file.size()).map_err(|_| damaged("has a size below zero"))?,
        rows,
        day: file.partition_values_map().remove(DAY).flatten(),
        times,
        event_ids,
        place,
    })
}
