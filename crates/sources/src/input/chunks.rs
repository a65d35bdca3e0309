//! A Parquet file's bytes, read in ranges.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use crate::input::remote::RemoteFile;

/// The bytes of a Parquet file.
#[derive(Debug)]
pub(crate) enum Chunks {
    /// In a file, and where that is.
    File(PathBuf, File),
    /// In memory, as they came as a stream.
    Held(Bytes),
    /// Somewhere else.
    Remote(Arc<dyn RemoteFile>),
}

impl Chunks {
    /// Returns the same bytes once more, to be read beside these: a file has one place at a time.
    pub(crate) fn reopen(&self) -> io::Result<Self> {
        Ok(match self {
            Self::File(path, _) => Self::File(path.clone(), File::open(path)?),
            Self::Held(bytes) => Self::Held(bytes.clone()),
            Self::Remote(file) => Self::Remote(Arc::clone(file)),
        })
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        match self {
            Self::File(_, file) => file.len(),
            Self::Held(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Remote(file) => file.len(),
        }
    }
}

impl ChunkReader for Chunks {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match self {
            Self::File(_, file) => Box::new(file.get_read(start)?),
            Self::Held(bytes) => Box::new(bytes.get_read(start)?),
            Self::Remote(_) => {
                let left = self.len().saturating_sub(start);
                let length = usize::try_from(left).unwrap_or(usize::MAX);
                Box::new(io::Cursor::new(self.get_bytes(start, length)?))
            }
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Self::File(_, file) => file.get_bytes(start, length),
            Self::Held(bytes) => bytes.get_bytes(start, length),
            Self::Remote(file) => {
                let end = u64::try_from(length).ok().and_then(|length| start.checked_add(length));
                let end = end.filter(|end| *end <= file.len());
                let end =
                    end.ok_or_else(|| ParquetError::EOF("the file ends before".to_owned()))?;
                file.read_range(start..end).map_err(|error| ParquetError::External(Box::new(error)))
            }
        }
    }
}
