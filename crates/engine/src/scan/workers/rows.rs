//! Rows of a file as bytes: batches in Arrow's own form, each behind the request that it answers and its length.

use std::{
    io::{self, Read},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray},
    buffer::Buffer,
    error::ArrowError,
    ipc::{reader::StreamReader, writer::StreamWriter},
    record_batch::RecordBatch,
};

use crate::{error::EngineError, store};

/// A batch that is longer is not one of ours.
const MOST_BYTES: u32 = 1 << 30;

/// Writes a batch.
///
/// # Errors
///
/// If it is longer than anybody would read.
pub(super) fn encode(request: usize, batch: &RecordBatch) -> Result<Vec<u8>, EngineError> {
    const TOO_LONG: EngineError = EngineError::Internal { what: "a batch of rows is too long" };
    let columns = batch.columns().iter().map(compact).collect();
    let batch = RecordBatch::try_new(batch.schema(), columns).map_err(EngineError::Batch)?;
    let head = u32::try_from(request).map_err(|_| TOO_LONG)?.to_le_bytes();
    let mut bytes = head.to_vec();
    bytes.extend([0; 4]);
    let begin = bytes.len();
    let mut writer =
        StreamWriter::try_new(&mut bytes, &batch.schema()).map_err(EngineError::Batch)?;
    writer.write(&batch).map_err(EngineError::Batch)?;
    writer.finish().map_err(EngineError::Batch)?;
    drop(writer);
    let len = bytes.len().checked_sub(begin).and_then(|len| u32::try_from(len).ok());
    let len = len.filter(|len| *len <= MOST_BYTES).ok_or(TOO_LONG)?.to_le_bytes();
    for (place, byte) in bytes.iter_mut().skip(4).zip(len) {
        *place = byte;
    }
    Ok(bytes)
}

/// Copies texts out of the buffers of their reader if that makes them less: what is sent are whole buffers.
fn compact(array: &ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_view_opt() else { return store::compact(array) };
    let held = texts.data_buffers().iter().map(Buffer::len).fold(0, usize::saturating_add);
    if texts.total_buffer_bytes_used() < held { Arc::new(texts.gc()) } else { Arc::clone(array) }
}

/// Reads batches to the end, each with the request that it answers.
///
/// # Errors
///
/// For a batch that is not whole; none comes after it.
pub(crate) fn decode_batches(
    mut bytes: impl Read,
) -> impl Iterator<Item = Result<(usize, RecordBatch), EngineError>> {
    std::iter::from_fn(move || next(&mut bytes).map_err(EngineError::Batch).transpose()).scan(
        false,
        |has_failed, batch| {
            if *has_failed {
                return None;
            }
            *has_failed = batch.is_err();
            Some(batch)
        },
    )
}

fn next(bytes: &mut impl Read) -> Result<Option<(usize, RecordBatch)>, ArrowError> {
    let mut head = [0; 8];
    let mut filled = 0;
    while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(not_whole()),
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let head = u64::from_le_bytes(head);
    let request = usize::try_from(head & u64::from(u32::MAX)).map_err(|_| not_whole())?;
    let len = u32::try_from(head >> 32).map_err(|_| not_whole())?;
    if len > MOST_BYTES {
        return Err(not_whole());
    }
    let mut batch = Vec::new();
    let read = bytes.take(u64::from(len)).read_to_end(&mut batch)?;
    if u32::try_from(read) != Ok(len) {
        return Err(not_whole());
    }
    let mut batches = StreamReader::try_new(batch.as_slice(), None)?;
    let batch = batches.next().ok_or_else(not_whole)??;
    Ok(Some((request, batch)))
}

fn not_whole() -> ArrowError {
    ArrowError::IpcError("rows of a worker are not whole".to_owned())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringViewArray};
    use proptest::prelude::*;

    use super::*;

    fn batch(texts: &[String]) -> RecordBatch {
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        let numbers: ArrayRef = Arc::new((0..).take(texts.len()).collect::<Int64Array>());
        RecordBatch::try_from_iter([("text", texts), ("number", numbers)]).unwrap()
    }

    proptest! {
        /// Rows come out as they went in; and where they are cut off, that is an error and not fewer rows.
        #[test]
        fn rows_travel_whole_or_not_at_all(
            texts in proptest::collection::vec(proptest::collection::vec(".{0,40}", 1..9), 1..4),
            cut in 1_usize..200,
        ) {
            let batches: Vec<RecordBatch> = texts.iter().map(|texts| batch(texts)).collect();
            let mut bytes = Vec::new();
            for (request, batch) in batches.iter().enumerate() {
                bytes.extend(encode(request, batch).unwrap());
            }
            let read: Vec<_> = decode_batches(bytes.as_slice()).map(Result::unwrap).collect();
            let expected: Vec<_> = batches.into_iter().enumerate().collect();
            prop_assert_eq!(&read, &expected);
            let end = bytes.len().checked_sub(cut).unwrap();
            let part = &bytes[..end];
            let last = decode_batches(part).last();
            let whole: usize = decode_batches(part).flatten().count();
            prop_assert!(whole < expected.len());
            let is_between = last.as_ref().is_none_or(Result::is_ok);
            if is_between {
                // Between two batches: whoever sends says how many there are.
                let sizes = decode_batches(part).map(Result::unwrap).map(|(request, batch)| {
                    encode(request, &batch).unwrap().len()
                });
                prop_assert_eq!(sizes.sum::<usize>(), part.len());
            }
        }
    }
}
