//! One Parquet file of a table: how it is written, and what the log says of it.

use std::{collections::HashMap, sync::Arc};

use arrow::{array::ArrayRef, datatypes::SchemaRef, record_batch::RecordBatch};
use deltalake::kernel::Add;
use kql_types::{Ticks, datetime, datetime::Civil, timespan};
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    file::{metadata::KeyValue, properties::WriterProperties},
};
use serde_json::{Map, Value, json};
use sources::kept::EMPTY_COLUMNS;

use crate::{error::LakeError, layout::DAY};

/// Rows of a row group: few enough for what it says of its values to leave others out.
const GROUP_ROWS: usize = 64 << 10;
/// What stands in a path for a day that is missing.
const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";
/// Statistics of times are in milliseconds.
const MILLISECOND: Ticks = 10_000;

/// A day, UTC; `None` for rows without a time.
pub(crate) type Day = Option<i64>;

/// Returns the day of a time.
pub(crate) fn day_of(time: Ticks) -> i64 {
    time.div_euclid(timespan::DAY)
}

/// Returns a day as the log has it.
pub(crate) fn day_text(day: i64) -> Option<String> {
    let Civil { year, month, day, .. } = Civil::from_ticks(day.checked_mul(timespan::DAY)?)?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Returns the folder of a day, relative to the table.
pub(crate) fn folder(day: Day) -> String {
    let text = day.and_then(day_text);
    format!("{DAY}={}", text.as_deref().unwrap_or(NO_DAY))
}

/// A Parquet file under construction.
pub(crate) struct FileWriter {
    writer: ArrowWriter<Vec<u8>>,
    schema: SchemaRef,
    rows: usize,
}

impl FileWriter {
    /// Starts a file without rows.
    ///
    /// - `empty`: columns that the file does not have because no row has a value there.
    pub(crate) fn new(schema: &SchemaRef, empty: &[&str]) -> Result<Self, LakeError> {
        let empty = (!empty.is_empty())
            .then(|| vec![KeyValue::new(EMPTY_COLUMNS.to_owned(), empty.join(","))]);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(format!("quarry {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(empty)
            .build();
        // Others need not know how Arrow would have the texts.
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(schema), options)?;
        Ok(Self { writer, schema: Arc::clone(schema), rows: 0 })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), LakeError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.rows = self.rows.saturating_add(batch.num_rows());
        Ok(self.writer.write(&batch)?)
    }

    /// Returns about how many bytes the file has so far.
    pub(crate) fn bytes(&self) -> usize {
        self.writer.bytes_written().saturating_add(self.writer.in_progress_size())
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, usize), LakeError> {
        Ok((self.writer.into_inner()?, self.rows))
    }
}

/// The least and the greatest value of a column, and how many rows have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) values: Option<(i64, i64)>,
    pub(crate) nulls: u64,
}

impl Range {
    /// Takes note of a row's value.
    pub(crate) fn see(&mut self, value: Option<i64>) {
        match (value, &mut self.values) {
            (None, _) => self.nulls = self.nulls.saturating_add(1),
            (Some(value), Some((least, greatest))) => {
                *least = value.min(*least);
                *greatest = value.max(*greatest);
            }
            (Some(value), values) => *values = Some((value, value)),
        }
    }
}

/// What the log says of the values of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranges {
    /// By column: times in ticks.
    pub(crate) times: Vec<(String, Range)>,
    /// By column.
    pub(crate) numbers: Vec<(String, Range)>,
}

impl Ranges {
    /// Writes them as the log has them.
    ///
    /// Source: <https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics>: times are
    /// in milliseconds, so that the greatest is rounded up.
    fn json(&self, rows: usize) -> String {
        let (mut least, mut greatest, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, range) in &self.times {
            nulls.insert(name.clone(), json!(range.nulls));
            let Some((min, max)) = range.values else { continue };
            let up =
                max.checked_add(MILLISECOND.saturating_sub(1)).filter(|up| *up <= datetime::MAX);
            let (Some(min), Some(max)) = (milliseconds(min), up.and_then(milliseconds)) else {
                continue;
            };
            least.insert(name.clone(), Value::String(min));
            greatest.insert(name.clone(), Value::String(max));
        }
        for (name, range) in &self.numbers {
            nulls.insert(name.clone(), json!(range.nulls));
            let Some((min, max)) = range.values else { continue };
            least.insert(name.clone(), json!(min));
            greatest.insert(name.clone(), json!(max));
        }
        let all = json!({
            "numRecords": rows, "minValues": least, "maxValues": greatest, "nullCount": nulls,
        });
        all.to_string()
    }
}

fn milliseconds(ticks: Ticks) -> Option<String> {
    let Civil { year, month, day, hour, minute, second, tick } = Civil::from_ticks(ticks)?;
    let millis = tick / 10_000;
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
}

/// Returns what the log says of a file.
///
/// - `path`: relative to the table.
/// - `day`: the partition; absent for a table without any.
/// - `now_ms`: milliseconds since 1970.
pub(crate) fn add(
    path: String,
    day: Option<Day>,
    bytes: usize,
    rows: usize,
    ranges: &Ranges,
    now_ms: i64,
) -> Add {
    let partition = day.map(|day| (DAY.to_owned(), day.and_then(day_text)));
    Add {
        path,
        partition_values: partition.into_iter().collect::<HashMap<_, _>>(),
        size: i64::try_from(bytes).unwrap_or(i64::MAX),
        modification_time: now_ms,
        data_change: true,
        stats: Some(ranges.json(rows)),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_time_is_rounded_up() {
        let mut range = Range::default();
        let time = datetime::parse("2024-05-01T12:00:00.1230001Z").unwrap();
        range.see(Some(time));
        range.see(None);
        let ranges = Ranges { times: vec![("T".into(), range)], numbers: Vec::new() };
        let said: Value = serde_json::from_str(&ranges.json(2)).unwrap();
        assert_eq!(said["minValues"]["T"], "2024-05-01T12:00:00.123Z");
        assert_eq!(said["maxValues"]["T"], "2024-05-01T12:00:00.124Z");
        assert_eq!((&said["numRecords"], &said["nullCount"]["T"]), (&json!(2), &json!(1)));
    }

    #[test]
    fn the_last_moment_has_no_millisecond_above_it() {
        let range = Range { values: Some((datetime::MAX, datetime::MAX)), nulls: 0 };
        let ranges = Ranges { times: vec![("T".into(), range)], numbers: Vec::new() };
        let said: Value = serde_json::from_str(&ranges.json(1)).unwrap();
        assert_eq!(said["maxValues"], json!({}));
        assert_eq!(folder(Some(day_of(datetime::MAX))), "_Day=9999-12-31");
        assert_eq!(folder(None), format!("_Day={NO_DAY}"));
    }
}
