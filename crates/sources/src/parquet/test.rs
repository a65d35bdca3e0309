//! Testing rows by a few of their columns before the others are read.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, cast::AsArray, types::Int64Type,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use kql_types::KqlType;

use super::convert::{convert, missing, times, unconverted};
use crate::{
    dates::TimeForm,
    request::{Allowed, ColumnTest},
};

/// A test, and where its column is.
#[derive(Clone, Debug)]
pub(crate) struct PlacedTest {
    pub(crate) test: ColumnTest,
    pub(crate) column: Place,
    /// How the column's texts are read if they are times.
    pub(crate) form: TimeForm,
}

/// Where the column of a test is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the file, under this name.
    File(String),
    /// The same for all rows: one value.
    Constant(ArrayRef),
    /// Nowhere.
    Nowhere,
}

/// Returns which rows pass one of the alternatives; `batch` has the columns that the tests ask for.
pub(crate) fn passing(
    alternatives: &[Vec<PlacedTest>],
    batch: &RecordBatch,
) -> Result<BooleanArray, ArrowError> {
    let mut any = vec![false; batch.num_rows()];
    for tests in alternatives {
        let mut all = vec![true; batch.num_rows()];
        for test in tests {
            let passes = test.passes(batch)?;
            all.iter_mut().zip(passes).for_each(|(all, passes)| *all = *all && passes);
        }
        any.iter_mut().zip(all).for_each(|(any, all)| *any = *any || all);
    }
    Ok(BooleanArray::from(any))
}

impl PlacedTest {
    /// Tells of a test whose column is the same for all rows whether they pass; `None` of others.
    pub(crate) fn is_passed_by_all(&self) -> Option<bool> {
        let column = match &self.column {
            Place::File(_) => return None,
            Place::Constant(value) => Arc::clone(value),
            Place::Nowhere => missing(self.test.column.ty, 1),
        };
        Some(self.test.allowed.passes(&column).ok()?.first() == Some(&true))
    }

    fn passes(&self, batch: &RecordBatch) -> Result<Vec<bool>, ArrowError> {
        let Place::File(name) = &self.column else {
            return Ok(vec![self.is_passed_by_all() != Some(false); batch.num_rows()]);
        };
        let Some(column) = batch.column_by_name(name) else {
            return Ok(vec![true; batch.num_rows()]);
        };
        let is_time = self.test.column.ty == KqlType::Datetime;
        let times = if is_time { times(column, self.form, &mut |_, _, _| {})? } else { None };
        let converted = match times {
            Some(times) => times,
            None => convert(column, self.test.column.ty)?,
        };
        let mut passes = self.test.allowed.passes(&converted)?;
        // A value that does not convert is read, so that it is accounted for.
        for row in unconverted(column, &converted, self.test.column.ty)? {
            if let Some(passes) = passes.get_mut(row) {
                *passes = true;
            }
        }
        Ok(passes)
    }
}

impl Allowed {
    pub(crate) fn passes(&self, column: &ArrayRef) -> Result<Vec<bool>, ArrowError> {
        let numbers = |passes: &dyn Fn(i64) -> bool| {
            let column = cast(column, &DataType::Int64)?;
            let column: &Int64Array = column.as_primitive::<Int64Type>();
            Ok(column.iter().map(|value| value.is_some_and(passes)).collect())
        };
        match self {
            Self::Numbers(range) => numbers(&|value| range.contains(&value)),
            Self::OneOf(values) => numbers(&|value| values.contains(&value)),
            Self::Texts(texts) => {
                let Some(column) = column.as_string_view_opt() else {
                    return Ok(vec![true; column.len()]);
                };
                let passes = |text: &str| texts.iter().any(|allowed| allowed == text);
                Ok(column.iter().map(|text| text.is_some_and(passes)).collect())
            }
        }
    }

    /// Tells whether any number from `min` to `max` passes.
    pub(crate) fn may_pass_numbers(&self, min: i64, max: i64) -> bool {
        match self {
            Self::Numbers(range) => *range.start() <= max && min <= *range.end(),
            Self::OneOf(values) => values.iter().any(|value| (min..=max).contains(value)),
            Self::Texts(_) => true,
        }
    }

    /// Tells whether any text from `min` to `max`, in the order of their bytes, passes.
    pub(crate) fn may_pass_texts(&self, min: &[u8], max: &[u8]) -> bool {
        match self {
            Self::Texts(texts) => {
                texts.iter().any(|text| min <= text.as_bytes() && text.as_bytes() <= max)
            }
            Self::Numbers(_) | Self::OneOf(_) => true,
        }
    }
}
