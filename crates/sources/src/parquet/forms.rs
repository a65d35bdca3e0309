//! How those texts of a Parquet file are read that are times.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use arrow_schema::{ArrowError, DataType, FieldRef, Schema};
use kql_types::KqlType;

use super::convert::{convert, times};
use crate::{
    dates::{TimeForm, order::Settled},
    known::KnownTables,
    request::ScanRequest,
    rows::time::TIME_COLUMNS,
};

/// The forms of a file's columns, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms(BTreeMap<String, TimeForm>);

impl Forms {
    /// Adds a column whose order of day and month is settled.
    pub(crate) fn add(&mut self, column: String, settled: Settled, request: &ScanRequest) {
        let offset = request.local_offset.unwrap_or(0);
        let is_zone_known = request.local_offset.is_some();
        self.0.insert(column, TimeForm { settled, offset, is_zone_known });
    }

    /// Returns how a column is read.
    pub(crate) fn of(&self, column: &str) -> TimeForm {
        self.0.get(column).copied().unwrap_or_default()
    }

    /// Returns the times of a column.
    pub(crate) fn times(&self, name: &str, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        match times(column, self.of(name), &mut |_, _, _| {})? {
            Some(times) => Ok(times),
            None => convert(column, KqlType::Datetime),
        }
    }
}

/// Returns the names of the columns that are texts and may be times.
pub(crate) fn candidates(schema: &Schema, known: &KnownTables) -> Vec<String> {
    let is_time = |field: &&FieldRef| {
        let name = field.name();
        let is_text = match field.data_type() {
            DataType::Dictionary(_, values) => is_text(values),
            ty => is_text(ty),
        };
        is_text && (TIME_COLUMNS.contains(&&**name) || known.is_datetime(name))
    };
    schema.fields().iter().filter(is_time).map(|field| field.name().clone()).collect()
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}
