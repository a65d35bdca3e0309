//! Batches written out as an Arrow IPC file and read back one at a time.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
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

    /// Begins a new file in `folder`, to which batches are written one at a time.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    pub(crate) fn begin(folder: &Path, schema: &SchemaRef) -> Result<SpillWriter, EngineError> {
        let file = NamedTempFile::with_prefix_in("quarry-", folder)
            .map_err(|source| EngineError::Spill { path: folder.to_owned(), source })?;
        let handle = file
            .reopen()
            .map_err(|source| EngineError::Spill { path: file.path().to_owned(), source })?;
        let writer = writer(handle, schema).map_err(|error| spill_error(file.path(), error))?;
        Ok(SpillWriter { file, writer })
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

/// A file to which batches are being written.
pub(crate) struct SpillWriter {
    file: NamedTempFile,
    writer: FileWriter<BufWriter<File>>,
}

impl SpillWriter {
    /// Writes a batch.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn push(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.writer.write(batch).map_err(|error| spill_error(self.file.path(), error))
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn finish(mut self) -> Result<Arc<SpillFile>, EngineError> {
        self.writer.finish().map_err(|error| spill_error(self.file.path(), error))?;
        Ok(Arc::new(SpillFile(self.file)))
    }
}

fn write_batches<'a>(
    file: &File,
    schema: &SchemaRef,
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> Result<(), ArrowError> {
    let mut writer = writer(file, schema)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()
}

fn writer<W: Write>(file: W, schema: &SchemaRef) -> Result<FileWriter<BufWriter<W>>, ArrowError> {
    // Logs repeat themselves: less to write and to read back is worth more than what packing takes.
    let options =
        IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    FileWriter::try_new_with_options(BufWriter::new(file), schema, options)
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
