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

use bytes::Bytes;

use crate::{
    input::{
        chunks::Chunks,
        remote::{RemoteFile, RemoteReader},
    },
    text::encoding,
};

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
    whole: Option<Whole>,
    path: Option<&'a Path>,
}

/// The start of some content.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    /// The bytes.
    pub(crate) bytes: &'a [u8],
    /// The bytes as text, as far as they are.
    pub(crate) text: &'a str,
}

/// A file that some content is all of.
enum Whole {
    Local(File),
    Remote(Arc<dyn RemoteFile>),
}

impl<'a> Content<'a> {
    /// Reads the beginning of a stream.
    pub(crate) fn of_stream(mut rest: Box<dyn Read + 'a>) -> Self {
        let mut head = Vec::new();
        let limit = u64::try_from(HEAD_LEN).unwrap_or(u64::MAX);
        let failure = rest.by_ref().take(limit).read_to_end(&mut head).err();
        let head_text = encoding::decoded_head(&head);
        Self { head, head_text, failure, rest, whole: None, path: None }
    }

    /// Reads the beginning of a file; `stored` counts what is read of it.
    pub(crate) fn of_file(path: &'a Path, file: File, stored: Arc<AtomicU64>) -> Self {
        let whole = file.try_clone().ok().map(Whole::Local);
        let rest = Counting { input: file, count: stored };
        Self { whole, path: Some(path), ..Self::of_stream(Box::new(rest)) }
    }

    /// Reads the beginning of a file that is somewhere else; `stored` counts what is read of it.
    pub(crate) fn of_remote(file: Arc<dyn RemoteFile>, stored: Arc<AtomicU64>) -> Self {
        let whole = Some(Whole::Remote(Arc::clone(&file)));
        let rest = Counting { input: RemoteReader::new(file), count: stored };
        Self { whole, ..Self::of_stream(Box::new(rest)) }
    }

    /// Returns the path and length of the local file that the content is all of, if it is one.
    pub(crate) fn whole_file(&self) -> Option<(&'a Path, u64)> {
        let Whole::Local(file) = self.whole.as_ref()? else { return None };
        let metadata = file.metadata().ok()?;
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

    /// Returns the content from its start, to be looked at before it is read: all of a file, and of a
    /// stream as much as `limit` bytes hold, which stay in memory.
    ///
    /// # Errors
    ///
    /// Those of opening the file once more.
    pub(crate) fn look_ahead(&mut self, limit: u64) -> io::Result<Box<dyn Read + '_>> {
        match (&self.whole, self.path) {
            (Some(Whole::Local(file)), Some(path)) if is_regular(file) => {
                Ok(Box::new(File::open(path)?))
            }
            (Some(Whole::Remote(file)), _) => Ok(Box::new(RemoteReader::new(Arc::clone(file)))),
            _ => {
                let held = u64::try_from(self.head.len()).unwrap_or(u64::MAX);
                let mut rest = self.rest.by_ref().take(limit.saturating_sub(held));
                if self.failure.is_none() {
                    self.failure = rest.read_to_end(&mut self.head).err();
                }
                Ok(Box::new(&*self.head))
            }
        }
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
        match self.whole {
            Some(Whole::Local(mut file)) if is_regular(&file) => {
                file.rewind()?;
                Ok(Some(Box::new(file)))
            }
            Some(Whole::Remote(file)) => Ok(Some(Box::new(RemoteReader::new(file)))),
            _ => {
                let bytes = self.into_bytes(limit)?;
                Ok(bytes.map(|bytes| Box::new(io::Cursor::new(bytes)) as Box<dyn ReadSeek>))
            }
        }
    }

    /// Returns the whole as something that is read in ranges.
    ///
    /// # Errors
    ///
    /// `None` for a stream of more than `limit` bytes; otherwise those of reading it.
    pub(crate) fn into_chunks(self, limit: u64) -> io::Result<Option<Chunks>> {
        match self.whole {
            Some(Whole::Local(file)) if is_regular(&file) => {
                let path = self.path.unwrap_or(Path::new(""));
                Ok(Some(Chunks::File(path.to_owned(), file)))
            }
            Some(Whole::Remote(file)) => Ok(Some(Chunks::Remote(file))),
            _ => Ok(self.into_bytes(limit)?.map(|bytes| Chunks::Held(Bytes::from(bytes)))),
        }
    }

    fn into_bytes(self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let read = self.into_reader().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(u64::try_from(read).is_ok_and(|read| read <= limit).then_some(bytes))
    }
}

/// Tells whether a file can be read at any place: a pipe with a name cannot.
fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
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
