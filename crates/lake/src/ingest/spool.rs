//! A stream as a file: what passes but once is kept until it is in.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use sources::{Input, RemoteFile};

/// Returns an input with all that a stream has, which lies in a temporary file.
///
/// - `name`: what places call it.
/// - `folder`: where the file is.
///
/// # Errors
///
/// Those of reading the stream and of writing the file.
pub fn spooled(name: &Path, mut stream: impl Read, folder: &Path) -> io::Result<Input> {
    let mut file = tempfile::tempfile_in(folder)?;
    let len = io::copy(&mut stream, &mut file)?;
    let spool = Spool { file: Mutex::new(file), len };
    Ok(Input::Remote(PathBuf::from(name), Arc::new(spool)))
}

#[derive(Debug)]
struct Spool {
    /// It has one place at a time.
    file: Mutex<File>,
    len: u64,
}

impl RemoteFile for Spool {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let len = range.end.checked_sub(range.start).and_then(|len| usize::try_from(len).ok());
        let len = len.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut bytes = vec![0; len];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(range.start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
