//! What can go wrong while a report is written.

use std::io;

use arrow_schema::DataType;
use kql_types::KqlType;
use thiserror::Error;

/// A report could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The writer failed; a closed pipe is the caller's to recognise.
    #[error("cannot write the report")]
    Write(#[from] io::Error),
    /// Parquet cannot be written.
    #[error("cannot write the report as Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// A batch of alerts is not what its schema says.
    #[error("cannot make a table of the alerts")]
    Batch(#[from] arrow_schema::ArrowError),
    /// A batch has another number of columns than the result.
    #[error("the batch has {found} columns, the result has {expected}")]
    ColumnCount {
        /// Columns of the result.
        expected: usize,
        /// Columns of the batch.
        found: usize,
    },
    /// A column's array is not the encoding of its type.
    #[error("column `{column}` of type {ty} arrived as {found}")]
    Encoding {
        /// The column's name.
        column: String,
        /// The column's type.
        ty: KqlType,
        /// The type of the array.
        found: DataType,
    },
}
