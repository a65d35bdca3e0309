//! Batches written out as an Arrow IPC file and read back one at a time.

use std::{
    fs::File,
    io::{BufWriter, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    buffer::Buffer,
    datatypes::SchemaRef,
    error::ArrowError,
    ipc::{
        self, CompressionType, MetadataVersion,
        reader::{FileDecoder, read_footer_length},
        root_as_footer,
        writer::{FileWriter, IpcWriteOptions},
    },
    record_batch::RecordBatch,
};
use tempfile::NamedTempFile;

use crate::error::EngineError;

/// A temporary file of batches; deleted when the last reader is gone.
#[derive(Debug)]
pub(crate) struct SpillFile {
    schema: SchemaRef,
    /// Where the batches stand.
    blocks: Vec<ipc::Block>,
    open: Mutex<File>,
    file: NamedTempFile,
}

impl SpillFile {
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
        Ok(SpillWriter { file, writer, schema: Arc::clone(schema) })
    }

    /// Reads the batch of that index, or some of its columns.
    ///
    /// # Errors
    ///
    /// If the file is gone or shorter than what was written.
    pub(crate) fn read(
        &self,
        index: usize,
        columns: Option<&[usize]>,
    ) -> Result<RecordBatch, EngineError> {
        let read = || {
            let missing =
                || ArrowError::IpcError(format!("batch {index} is missing from the file"));
            let block = self.blocks.get(index).ok_or_else(missing)?;
            let bytes = self.bytes(block)?;
            let decoder = FileDecoder::new(Arc::clone(&self.schema), MetadataVersion::V5);
            let decoder = match columns {
                Some(columns) => decoder.with_projection(columns.to_vec()),
                None => decoder,
            };
            decoder.read_record_batch(block, &bytes)?.ok_or_else(missing)
        };
        read().map_err(|error| spill_error(self.file.path(), error))
    }

    /// Reads what the file has of a batch.
    fn bytes(&self, block: &ipc::Block) -> Result<Buffer, ArrowError> {
        let wrong = |_| ArrowError::IpcError("a batch lies nowhere in the file".into());
        let offset = u64::try_from(block.offset()).map_err(wrong)?;
        let head = usize::try_from(block.metaDataLength()).map_err(wrong)?;
        let body = usize::try_from(block.bodyLength()).map_err(wrong)?;
        let length = head.checked_add(body);
        let length = length.ok_or_else(|| ArrowError::IpcError("a batch is too long".into()))?;
        let mut bytes = vec![0; length];
        let mut file = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(Buffer::from_vec(bytes))
    }
}

/// A file to which batches are being written.
pub(crate) struct SpillWriter {
    file: NamedTempFile,
    schema: SchemaRef,
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
    /// If it cannot be written, or not be read again.
    pub(crate) fn finish(self) -> Result<Arc<SpillFile>, EngineError> {
        let Self { file, schema, mut writer } = self;
        let mut end = || {
            writer.finish()?;
            let mut open = file.reopen()?;
            let blocks = blocks(&mut open)?;
            Ok((open, blocks))
        };
        let (open, blocks) = end().map_err(|error| spill_error(file.path(), error))?;
        Ok(Arc::new(SpillFile { schema, blocks, open: Mutex::new(open), file }))
    }
}

fn writer(file: File, schema: &SchemaRef) -> Result<FileWriter<BufWriter<File>>, ArrowError> {
    // Logs repeat themselves: less to write and to read back is worth more than what packing takes.
    let options =
        IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    FileWriter::try_new_with_options(BufWriter::new(file), schema, options)
}

/// Bytes behind a file's footer: the footer's length, and the format's name.
const TRAILER_BYTES: i64 = 10;

/// Returns where a file's batches stand, which its footer says.
fn blocks(file: &mut File) -> Result<Vec<ipc::Block>, ArrowError> {
    let mut trailer = [0; 10];
    file.seek(SeekFrom::End(-TRAILER_BYTES))?;
    file.read_exact(&mut trailer)?;
    let length = read_footer_length(trailer)?;
    let mut footer = vec![0; length];
    let back = i64::try_from(length).ok().and_then(|length| length.checked_add(TRAILER_BYTES));
    let back = back.ok_or_else(|| ArrowError::IpcError("the footer is too long".into()))?;
    file.seek(SeekFrom::End(back.wrapping_neg()))?;
    file.read_exact(&mut footer)?;
    let footer =
        root_as_footer(&footer).map_err(|error| ArrowError::IpcError(error.to_string()))?;
    Ok(footer.recordBatches().into_iter().flatten().copied().collect())
}

fn spill_error(path: &Path, error: ArrowError) -> EngineError {
    let source = match error {
        ArrowError::IoError(_, source) => source,
        other => std::io::Error::other(other),
    };
    EngineError::Spill { path: PathBuf::from(path), source }
}
