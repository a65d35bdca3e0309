//! A stored column: as it is, or, where values repeat themselves, as the different ones and which of them
//! each row has.

use std::{num::NonZeroUsize, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, StructArray, UInt16Array, UInt32Array,
        new_null_array,
    },
    buffer::Buffer,
    compute::{FilterPredicate, cast, take},
    datatypes::{DataType, Int32Type, Int64Type, UInt16Type},
    error::ArrowError,
};

/// A column of a block.
#[derive(Clone, Debug)]
pub(super) enum StoredColumn {
    /// The values, row by row.
    Plain(ArrayRef),
    /// The same value in each row.
    Constant {
        /// The value, as the only one of an array.
        value: ArrayRef,
        rows: usize,
    },
    /// The different texts, and for each row the number of its text, or null.
    Texts {
        /// The different texts.
        texts: ArrayRef,
        /// Which of them each row has, in one byte or two.
        numbers: ArrayRef,
    },
}

/// The most texts whose numbers are bytes.
const MOST_OF_A_BYTE: usize = 1 << 8;

impl StoredColumn {
    /// Makes a column of its values.
    pub(super) fn of(values: ArrayRef) -> Result<Self, ArrowError> {
        let is_constant = match values.data_type() {
            DataType::Int64 => is_constant::<Int64Type>(&values),
            DataType::Int32 => is_constant::<Int32Type>(&values),
            _ => false,
        };
        if !is_constant {
            return Ok(Self::Plain(values));
        }
        // Not a slice of them, which would keep all.
        let value = take(&values, &UInt32Array::from(vec![0]), None)?;
        Ok(Self::Constant { value, rows: values.len() })
    }

    /// Makes a column of different texts.
    ///
    /// - `numbers`: which of them each row has.
    pub(super) fn of_texts(texts: ArrayRef, numbers: UInt16Array) -> Result<Self, ArrowError> {
        let rows = numbers.len();
        if texts.is_empty() {
            return Ok(Self::Constant { value: new_null_array(texts.data_type(), 1), rows });
        }
        if texts.len() == 1 && numbers.null_count() == 0 {
            return Ok(Self::Constant { value: texts, rows });
        }
        let numbers: ArrayRef = if texts.len() <= MOST_OF_A_BYTE {
            cast(&numbers, &DataType::UInt8)?
        } else {
            Arc::new(numbers)
        };
        Ok(Self::Texts { texts, numbers })
    }

    /// Returns how many rows it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(values) => values.len(),
            Self::Constant { rows, .. } => *rows,
            Self::Texts { numbers, .. } => numbers.len(),
        }
    }

    /// Returns the type of its values.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Plain(values) | Self::Constant { value: values, .. } => {
                values.data_type().clone()
            }
            Self::Texts { .. } => DataType::Utf8View,
        }
    }

    /// Returns how many bytes of memory it takes.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Plain(values) | Self::Constant { value: values, .. } => {
                values.get_array_memory_size()
            }
            Self::Texts { texts, numbers } => {
                let numbers = numbers.get_array_memory_size();
                texts.get_array_memory_size().saturating_add(numbers)
            }
        }
    }

    /// Returns the values of all rows.
    pub(super) fn values(&self) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Plain(values) => Ok(Arc::clone(values)),
            Self::Constant { value, rows } => repeated(value, *rows),
            Self::Texts { texts, numbers } => take(texts, numbers, None),
        }
    }

    /// Returns the values of the rows that a filter accepts.
    pub(super) fn filter(&self, filter: &FilterPredicate) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Plain(values) => filter.filter(values),
            Self::Constant { value, .. } => repeated(value, filter.count()),
            Self::Texts { texts, numbers } => take(texts, &filter.filter(numbers)?, None),
        }
    }

    /// Returns the column of the rows that a filter accepts, which shares nothing with this one.
    pub(super) fn part(&self, filter: &FilterPredicate) -> Result<Self, ArrowError> {
        match self {
            Self::Plain(values) => Self::of(compact(&filter.filter(values)?)),
            Self::Constant { value, .. } => {
                Ok(Self::Constant { value: Arc::clone(value), rows: filter.count() })
            }
            Self::Texts { texts, numbers } => {
                let numbers = cast(&filter.filter(numbers)?, &DataType::UInt16)?;
                let numbers = numbers.as_primitive::<UInt16Type>();
                let mut new_numbers: Vec<Option<u16>> = vec![None; texts.len()];
                let mut kept: Vec<u32> = Vec::new();
                let mut renumber = |old: u16| {
                    let new = new_numbers.get_mut(usize::from(old))?;
                    if new.is_none() {
                        *new = u16::try_from(kept.len()).ok();
                        kept.push(u32::from(old));
                    }
                    *new
                };
                let numbers = numbers.iter().map(|old| old.and_then(&mut renumber)).collect();
                let texts = take(texts, &UInt32Array::from(kept), None)?;
                Self::of_texts(compact(&texts), numbers)
            }
        }
    }

    /// Returns the values of some rows, in that order.
    pub(super) fn take(&self, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Plain(values) => take(values, rows, None),
            Self::Constant { value, .. } => repeated(value, rows.len()),
            Self::Texts { texts, numbers } => take(texts, &take(numbers, rows, None)?, None),
        }
    }
}

fn is_constant<T: ArrowPrimitiveType>(values: &ArrayRef) -> bool {
    let Some(values) = values.as_primitive_opt::<T>() else { return false };
    let mut all = values.iter();
    all.next().is_some_and(|first| all.all(|value| value == first))
}

fn repeated(value: &ArrayRef, rows: usize) -> Result<ArrayRef, ArrowError> {
    take(value, &UInt32Array::from(vec![0; rows]), None)
}

/// Rows that use less than this part of the buffers behind them get buffers of their own.
const LEAST_USED_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// Copies what filtered rows still share with their reader's buffers, if they use little of them, so
/// that a few rows kept do not keep megabytes alive.
pub(crate) fn compact(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let held = texts.data_buffers().iter().map(Buffer::capacity);
            let held = held.fold(0, usize::saturating_add);
            // Texts of a dictionary, which many rows share, would become more by a copy.
            if texts.total_buffer_bytes_used() < held / LEAST_USED_PART {
                Arc::new(texts.gc())
            } else {
                Arc::clone(array)
            }
        }
        DataType::Struct(_) => {
            let (fields, columns, nulls) = array.as_struct().clone().into_parts();
            let columns = columns.iter().map(compact).collect();
            Arc::new(StructArray::new(fields, columns, nulls))
        }
        _ => Arc::clone(array),
    }
}
