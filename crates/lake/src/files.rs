//! The files that tables of a lake consist of, and what the log says of their rows.

use std::{ops::RangeInclusive, path::PathBuf};

use deltalake::kernel::LogicalFileView;
use kql_types::{Ticks, datetime, timespan};
use serde_json::Value;

use crate::{
    error::LakeError,
    layout::{DAY, LEDGER, TIME_COLUMNS},
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
    /// The column by which rows are divided into days, and the range that its values lie in, as far as that
    /// is said.
    pub times: Option<(String, RangeInclusive<Ticks>)>,
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

/// Tells whether a path is of a file below the table's folder: whoever wrote the log may have meant another.
pub(crate) fn is_within(path: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
    !path.contains([':', '\\']) && path.split('/').all(is_name)
}

/// Returns what a log says of a file.
pub(crate) fn of_log(table: &str, file: &LogicalFileView) -> Result<LakeFile, LakeError> {
    let place = format!("{table}/{}", file.path());
    let damaged = |reason: &str| LakeError::Damaged {
        file: place.clone(),
        reason: format!("the table's log {reason}"),
    };
    if !is_within(&file.path()) {
        return Err(damaged("names a file that is not in its folder"));
    }
    let stats = file.stats().ok_or_else(|| damaged("says nothing of its rows"))?;
    let stats: Value =
        serde_json::from_str(&stats).map_err(|error| damaged(&format!("is not JSON: {error}")))?;
    let rows = stats.get("numRecords").and_then(Value::as_u64);
    let rows = rows.ok_or_else(|| damaged("does not say how many rows it has"))?;
    let bound = |side: &str, name: &str| stats.get(side)?.get(name);
    let time = |side: &str, name: &str| datetime::parse(bound(side, name)?.as_str()?);
    let day = file.partition_values_map().remove(DAY).flatten();
    // What is said is rounded to milliseconds, which may be those of the next day.
    let start = day.as_deref().and_then(datetime::parse).unwrap_or(datetime::MIN);
    let end = match day {
        Some(_) => start.saturating_add(timespan::DAY).saturating_sub(1),
        None => datetime::MAX,
    };
    let times = TIME_COLUMNS.iter().find_map(|name| {
        let (oldest, newest) = (time("minValues", name)?, time("maxValues", name)?);
        Some(((*name).to_owned(), oldest.max(start)..=newest.min(end)))
    });
    let id = |side: &str| bound(side, "EventID")?.as_i64();
    let event_ids = id("minValues").zip(id("maxValues")).map(|(least, most)| least..=most);
    Ok(LakeFile {
        table: table.to_owned(),
        bytes: u64::try_from(file.size()).map_err(|_| damaged("has a size below zero"))?,
        rows,
        day,
        times,
        event_ids,
        place,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_cannot_name_files_elsewhere() {
        for path in ["_Day=2024-05-01/a.parquet", "a.parquet", "_Day=__X__/..a"] {
            assert!(is_within(path), "{path}");
        }
        for path in ["", "/etc/a", "../a", "a/../../b", "a//b", "s3://b/a", "C:\\a", "./a"] {
            assert!(!is_within(path), "{path}");
        }
    }
}
