//! Reading by others: files of a lake are read by workers, each of which keeps the rows that some leaf wants.
//!
//! In: the leaves of a run as bytes, and files. Out: for each file, once, all rows of it that some leaf wants,
//! in the order in which this process would have read them. What comes then is as if it had been read here: the
//! same conditions are tested again, copies are dropped, records are accounted for, and joins, groups and looks
//! run over the store. So the answer is the same, byte for byte, whoever reads, and a worker that left a
//! condition untested would cost time only.
//!
//! How bytes come from one process to another is the business of whoever implements [`Workers`].

mod afar;
mod leaves;
mod reader;
mod rows;

use std::{fmt, io::Read, sync::Arc};

use sources::kept::KeptFile;
use thiserror::Error;

pub use self::reader::{LeafReader, Part};
pub(crate) use self::{afar::Afar, leaves::encode, rows::decode_batches};

/// Other processes that read files of a lake.
pub trait Workers: fmt::Debug + Send + Sync {
    /// Has files read for some leaves, and hands over what each had. Returns when all have been.
    ///
    /// - `leaves`: what [`LeafReader::decode`] takes.
    ///
    /// # Errors
    ///
    /// If a file cannot be read by any worker.
    fn read(
        &self,
        leaves: &[u8],
        files: &[Arc<KeptFile>],
        taker: &dyn Taker,
    ) -> Result<(), WorkersError>;
}

/// Takes what workers have read.
pub trait Taker: Sync {
    /// Takes all that a file had; each file once, by its place among those that were asked for.
    fn take(&self, file: usize, read: FileRead);

    /// Tells whether nobody waits for more.
    fn is_over(&self) -> bool;
}

/// What a worker has read of one file.
pub enum FileRead {
    /// All rows that some leaf wants: the bytes of [`Part::Rows`], one after the other.
    Rows(Box<dyn Read + Send>),
    /// There is something to be told of the file. Whoever asked reads it, and tells it in its own words.
    NotWhole,
}

/// Why workers did not read what they were to.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct WorkersError(pub String);

/// Who reads the input of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// Workers do, by so many bytes that say what is wanted, which these leaves are of.
    Workers {
        /// Leaves of the plans.
        leaves: usize,
        /// What each task is sent.
        bytes: usize,
    },
    /// This process does.
    Here(ReadHere),
}

/// Why workers do not read an input.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadHere {
    /// Nobody has named any.
    #[error("there are no workers")]
    NoWorkers,
    /// There is nothing that they could read.
    #[error("there are no files of a lake")]
    NoLake,
    /// What is not in the lake lies where this process is.
    #[error("`{0}` is not a file of the lake")]
    NotOfLake(String),
    /// Where reading ends depends on all rows before.
    #[error("a few rows suffice, so that reading ends early")]
    EndsEarly,
    /// A condition reads a file that lies where this process is.
    #[error("`{0}` reads a file of this machine")]
    ReadsFile(&'static str),
    /// A condition would not be the same one elsewhere.
    #[error("a condition does not travel: {0}")]
    DoesNotTravel(String),
}

/// Returns the functions by which conditions may travel, each with the type of its results: two processes whose
/// lists differ do not read for each other.
pub fn functions() -> Vec<String> {
    let mut names: Vec<String> = kql_datafusion::kernels()
        .map(|function| {
            let returns = function.return_type(&[]);
            let returns = returns.map_or_else(|_| "?".to_owned(), |ty| ty.to_string());
            format!("{}: {returns}", function.name())
        })
        .collect();
    names.sort_unstable();
    names
}
