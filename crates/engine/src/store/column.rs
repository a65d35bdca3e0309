//! A stored column: as it is, or, where values repeat themselves, as the different ones and which of them
//! each row has.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, UInt16Array, UInt32Array},
    compute::{FilterPredicate, take},
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
        /// Which of them each row has.
        numbers: UInt16Array,
    },
}

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
            Self::Texts { texts, numbers } => {
                let numbers = filter.filter(numbers)?;
                take(texts, numbers.as_primitive::<UInt16Type>(), None)
            }
        }
    }

    /// Returns the values of some rows, in that order.
    pub(super) fn take(&self, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Plain(values) => take(values, rows, None),
            Self::Constant { value, .. } => repeated(value, rows.len()),
            Self::Texts { texts, numbers } => {
                let numbers = take(numbers, rows, None)?;
                take(texts, numbers.as_primitive::<UInt16Type>(), None)
            }
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
