//! What a Parquet file says of a row group before it is read.

use arrow_schema::{DataType, Schema, TimeUnit};
use kql_types::{KqlType, Ticks};
use parquet::{
    basic::Type as PhysicalType,
    file::{
        metadata::{ParquetMetaData, RowGroupMetaData},
        statistics::Statistics,
    },
};

use super::{
    plain::scaled,
    test::{Place, PlacedTest},
};

/// The statistics of a file's columns.
#[derive(Clone, Copy)]
pub(crate) struct FileStatistics<'a> {
    pub(crate) metadata: &'a ParquetMetaData,
    pub(crate) schema: &'a Schema,
}

/// What is said of a column of numbers in one row group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) nulls: Option<u64>,
}

impl FileStatistics<'_> {
    /// Tells whether a row of the group may pass one of the alternatives.
    pub(crate) fn may_pass(
        &self,
        group: &RowGroupMetaData,
        alternatives: &[Vec<PlacedTest>],
    ) -> bool {
        let may_pass_all =
            |tests: &Vec<PlacedTest>| tests.iter().all(|test| self.may_pass_test(group, test));
        alternatives.is_empty() || alternatives.iter().any(may_pass_all)
    }

    fn may_pass_test(&self, group: &RowGroupMetaData, test: &PlacedTest) -> bool {
        let Place::File(name) = &test.column else { return test.is_passed_by_all() != Some(false) };
        let Some(statistics) = self.of(group, name) else { return true };
        if let Some((min, max)) = self.numbers(name, statistics, test.test.column.ty) {
            return test.test.allowed.may_pass_numbers(min, max);
        }
        match (test.test.column.ty, statistics) {
            (KqlType::String, Statistics::ByteArray(texts)) => {
                let (Some(min), Some(max)) = (texts.min_opt(), texts.max_opt()) else {
                    return true;
                };
                // Rows without a text have "", which these bounds leave out.
                let has_nulls = texts.null_count_opt() != Some(0);
                has_nulls || test.test.allowed.may_pass_texts(min.data(), max.data())
            }
            _ => true,
        }
    }

    /// Returns the least and the greatest value of a column of numbers or times in a row group, and how
    /// many rows have none, as far as that is said.
    pub(crate) fn bounds(
        &self,
        group: &RowGroupMetaData,
        column: &str,
        ty: KqlType,
    ) -> Option<Bounds> {
        let statistics = self.of(group, column)?;
        let (min, max) = self.numbers(column, statistics, ty)?;
        Some(Bounds { min, max, nulls: statistics.null_count_opt() })
    }

    /// Returns the oldest and the newest time in a row group; `None` if it is not said.
    pub(crate) fn times(&self, group: &RowGroupMetaData, column: &str) -> Option<(Ticks, Ticks)> {
        self.numbers(column, self.of(group, column)?, KqlType::Datetime)
    }

    /// Tells whether the group says that each of its rows has a time that can be read.
    pub(crate) fn has_all_times(&self, group: &RowGroupMetaData, column: &str) -> bool {
        let nulls = self.of(group, column).and_then(Statistics::null_count_opt);
        nulls == Some(0) && self.times(group, column).is_some()
    }

    fn of<'g>(&self, group: &'g RowGroupMetaData, name: &str) -> Option<&'g Statistics> {
        let columns = self.metadata.file_metadata().schema_descr().columns();
        let is_it = |column: &parquet::schema::types::ColumnDescPtr| matches!(column.path().parts(), [only] if only == name);
        group.column(columns.iter().position(is_it)?).statistics()
    }

    /// Returns the least and the greatest value as the numbers that encode `ty`.
    fn numbers(&self, name: &str, statistics: &Statistics, ty: KqlType) -> Option<(i64, i64)> {
        let from = self.schema.field_with_name(name).ok()?.data_type();
        let (min, max) = match statistics {
            Statistics::Int32(values) => {
                (i64::from(*values.min_opt()?), i64::from(*values.max_opt()?))
            }
            Statistics::Int64(values) => (*values.min_opt()?, *values.max_opt()?),
            _ => return None,
        };
        let scale = match (ty, from) {
            (
                KqlType::Int | KqlType::Long,
                DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64,
            ) => return Some((min, max)),
            (KqlType::Datetime, DataType::Timestamp(TimeUnit::Second, _)) => 10_000_000,
            (KqlType::Datetime, DataType::Timestamp(TimeUnit::Millisecond, _)) => 10_000,
            (KqlType::Datetime, DataType::Timestamp(TimeUnit::Microsecond, _)) => 10,
            (KqlType::Datetime, DataType::Timestamp(TimeUnit::Nanosecond, _)) => -100,
            _ => return None,
        };
        let is_stored_so = statistics.physical_type() == PhysicalType::INT64;
        let ticks = |value| scaled(value, scale, true).filter(|_| is_stored_so);
        Some((ticks(min)?, ticks(max)?))
    }
}
