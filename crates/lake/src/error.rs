//! What can go wrong with a lake.

use std::io;

use deltalake::DeltaTableError;
use thiserror::Error;

/// Why a lake cannot be read or written.
#[derive(Debug, Error)]
pub enum LakeError {
    /// The address is neither a folder nor the address of an object store.
    #[error("`{address}` is not the address of a lake: {reason}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no lake at the address.
    #[error("no lake in `{address}`: `quarry ingest PATH --lake {address}` makes one")]
    NoLake {
        /// Where it should be.
        address: String,
    },
    /// The lake was written by a later version of the program.
    #[error("the lake has the form {found}, and this program knows {known}: a newer one is needed")]
    Form {
        /// What the lake says.
        found: String,
        /// What is known.
        known: u32,
    },
    /// The store refuses a file, or does not have it.
    #[error("the lake's store: {0}")]
    Store(#[from] object_store::Error),
    /// The log of a table says no.
    #[error("table `{table}` of the lake: {source}")]
    Table {
        /// The table.
        table: String,
        /// What the log says.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// A column cannot be kept under its name.
    #[error("table `{table}` has a column `{column}`, which a lake cannot have: {reason}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A table of the lake has a column with another type than the rows.
    #[error("column `{column}` of table `{table}` is {found} in the lake and {given} in the rows")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The type in the lake.
        found: String,
        /// The type of the rows.
        given: String,
    },
    /// A Parquet file cannot be written, or read back.
    #[error("Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Arrow refuses a batch.
    #[error("batch is refused: {0}")]
    Batch(#[from] arrow::error::ArrowError),
    /// A file of the lake's own is not what it should be.
    #[error("`{file}` of the lake is damaged: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something outside the lake cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Others write to the lake so often that a commit did not get through.
    #[error("table `{table}` of the lake: others committed before each of {attempts} attempts")]
    Contended {
        /// The table.
        table: String,
        /// How often it was tried.
        attempts: usize,
    },
    /// A value does not fit, which no value should.
    #[error("a value of `{column}` does not fit into the lake: {value}")]
    Value {
        /// The column.
        column: String,
        /// The value.
        value: String,
    },
    /// Two files would have the same number.
    #[error("`{one}` and `{other}` have the same number in the lake; rename one of them")]
    SameNumber {
        /// The one that is in the lake.
        one: String,
        /// The other one.
        other: String,
    },
    /// What cannot be has happened.
    #[error("internal error in the lake: {invariant}")]
    Internal {
        /// What should hold.
        invariant: &'static str,
    },
}

impl LakeError {
    /// Returns the error of a table's log.
    pub(crate) fn table(table: &str) -> impl Fn(DeltaTableError) -> Self + use<> {
        let table = table.to_owned();
        move |source| Self::Table { table: table.clone(), source: Box::new(source) }
    }
}
