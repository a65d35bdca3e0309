//! A stream of bytes whose beginning can be looked at before it is read.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::text::encoding;

/// Bytes at the beginning that recognition may look at.
const HEAD_LEN: usize = 64 * 1024;

/// A stream of bytes and a look at its beginning.
pub(crate) struct Content<'a> {
    head: Vec<u8>,
    head_text: String,
    /// What stopped the reading of the head, to be told behind it.
    failure: Option<io::Error>,
    rest: Box<dyn Read + 'a>,
    /// The file itself if the content is all of it.
    file: Option<File>,
    path: Option<&'a Path>,
}

impl<'a> Content<'a> {
    /// Reads the beginning of a stream.
    pub(crate) fn of_stream(mut rest: Box<dyn Read + 'a>) -> Self {
        let mut head = Vec::new();
        let limit = u64::try_from(HEAD_LEN).unwrap_or(u64::MAX);
        let failure = rest.by_ref().take(limit).read_to_end(&mut head).err();
        let head_text = encoding::decoded_head(&head);
        Self { head, head_text, failure, rest, file: None, path: None }
    }

    /// Reads the beginning of a file; `stored` counts what is read of it.
    pub(crate) fn of_file(path: &'a Path, file: File, stored: Arc<AtomicU64>) -> Self {
        let same = file.try_clone().ok();
        let rest = Counting { input: file, count: stored };
        Self { file: same, path: Some(path), ..Self::of_stream(Box::new(rest)) }
    }

    /// Returns the path and length of the file that the content is all of, if it is one.
    pub(crate) fn whole_file(&self) -> Option<(&'a Path, u64)> {
        let metadata = self.file.as_ref()?.metadata().ok()?;
        metadata.is_file().then_some((self.path?, metadata.len()))
    }

    /// Returns the beginning.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Returns the beginning as text, as far as it is text.
    pub(crate) fn head_text(&self) -> &str {
        &self.head_text
    }

    /// Tells whether there is nothing: no byte and no error.
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty() && self.failure.is_none()
    }

    /// Takes the error that kept everything from being read.
    pub(crate) fn take_failure_of_all(&mut self) -> Option<io::Error> {
        if self.head.is_empty() { self.failure.take() } else { None }
    }

    /// Returns the whole as a stream.
    pub(crate) fn into_reader(self) -> Box<dyn Read + 'a> {
        Box::new(Replay {
            head: io::Cursor::new(self.head),
            failure: self.failure,
            rest: self.rest,
        })
    }

    /// Returns the whole as something that can be read at any place.
    ///
    /// # Errors
    ///
    /// `None` for a stream of more than `limit` bytes; otherwise those of reading it.
    pub(crate) fn into_seekable(self, limit: u64) -> io::Result<Option<Box<dyn ReadSeek>>> {
        if let Some(mut file) = self.file {
            file.rewind()?;
            return Ok(Some(Box::new(file)));
        }
        let mut bytes = Vec::new();
        let read = self.into_reader().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        let fits = u64::try_from(read).is_ok_and(|read| read <= limit);
        Ok(fits.then(|| Box::new(io::Cursor::new(bytes)) as Box<dyn ReadSeek>))
    }
}

/// Something that can be read at any place.
pub(crate) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// The head, then the error that followed it or the rest.
struct Replay<'a> {
    head: io::Cursor<Vec<u8>>,
    failure: Option<io::Error>,
    rest: Box<dyn Read + 'a>,
}

impl Read for Replay<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.head.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

/// A reader that counts what is read through it.
struct Counting<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(read)
    }
}
