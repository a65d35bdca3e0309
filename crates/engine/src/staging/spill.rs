//! Batches written out as an Arrow IPC file and read back one at a time.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    datatypes::SchemaRef,
    error::ArrowError,
    ipc::{
        CompressionType,
        reader::FileReader,
        writer::{FileWriter, IpcWriteOptions},
    },
    record_batch::RecordBatch,
};
use tempfile::NamedTempFile;

use crate::error::EngineError;

/// A temporary file of batches; deleted when the last reader is gone.
#[derive(Debug)]
pub(crate) struct SpillFile(NamedTempFile);

impl SpillFile {
    /// Writes the batches, in order, into a new file in `folder`.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    pub(crate) fn write<'a>(
        folder: &Path,
        schema: &SchemaRef,
        batches: impl Iterator<Item = &'a RecordBatch>,
    ) -> Result<Arc<Self>, EngineError> {
        let file = NamedTempFile::with_prefix_in("quarry-", folder)
            .map_err(|source| EngineError::Spill { path: folder.to_owned(), source })?;
        write_batches(file.as_file(), schema, batches)
            .map_err(|error| spill_error(file.path(), error))?;
        Ok(Arc::new(Self(file)))
    }

    /// Reads the batch of that index.
    ///
    /// # Errors
    ///
    /// If the file is gone or shorter than what was written.
    pub(crate) fn read(&self, index: usize) -> Result<RecordBatch, EngineError> {
        let path = self.0.path();
        let file = File::open(path)
            .map_err(|source| EngineError::Spill { path: path.to_owned(), source })?;
        read_batch(file, index).map_err(|error| spill_error(path, error))
    }
}

fn write_batches<'a>(
    file: &File,
    schema: &SchemaRef,
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> Result<(), ArrowError> {
    // Logs repeat themselves: less to write and to read back is worth more than what packing takes.
    let options =
        IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let mut writer = FileWriter::try_new_with_options(BufWriter::new(file), schema, options)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()
}

fn read_batch(file: File, index: usize) -> Result<RecordBatch, ArrowError> {
    let mut reader = FileReader::try_new(BufReader::new(file), None)?;
    reader.set_index(index)?;
    reader.next().unwrap_or_else(|| {
        Err(ArrowError::IpcError(format!("batch {index} is missing from the file")))
    })
}

fn spill_error(path: &Path, error: ArrowError) -> EngineError {
    let source = match error {
        ArrowError::IoError(_, source) => source,
        other => std::io::Error::other(other),
    };
    EngineError::Spill { path: PathBuf::from(path), source }
}
