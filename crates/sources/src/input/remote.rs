//! Files that are read in ranges, wherever they are.

use std::{
    fmt::Debug,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;

/// Bytes asked for at a time when a file is read from its start to its end.
const CHUNK_LEN: u64 = 8 << 20;

/// A file that is read in ranges: an object of a store, for example.
pub trait RemoteFile: Debug + Send + Sync {
    /// Returns the number of bytes.
    fn len(&self) -> u64;

    /// Returns the bytes of a range that lies within the file.
    ///
    /// # Errors
    ///
    /// Those of reading it.
    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes>;

    /// Tells whether there is nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A place in a remote file.
#[derive(Debug)]
pub(crate) struct RemoteReader {
    file: Arc<dyn RemoteFile>,
    /// The offset of the chunk's first byte that has not been read.
    at: u64,
    chunk: Bytes,
}

impl RemoteReader {
    /// Returns a reader at the start.
    pub(crate) fn new(file: Arc<dyn RemoteFile>) -> Self {
        Self { file, at: 0, chunk: Bytes::new() }
    }
}

impl Read for RemoteReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            let end = self.at.saturating_add(CHUNK_LEN).min(self.file.len());
            if self.at >= end {
                return Ok(0);
            }
            self.chunk = self.file.read_range(self.at..end)?;
        }
        let read = (&*self.chunk).read(buffer)?;
        drop(self.chunk.split_to(read));
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl Seek for RemoteReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(distance) => self.file.len().checked_add_signed(distance),
            SeekFrom::Current(distance) => self.at.checked_add_signed(distance),
        };
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        if at != self.at {
            self.chunk.clear();
            self.at = at;
        }
        Ok(at)
    }
}

/// Bytes in memory.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) Bytes);

impl RemoteFile for Held {
    fn len(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let place = |at: u64| usize::try_from(at).ok().filter(|at| *at <= self.0.len());
        match (place(range.start), place(range.end)) {
            (Some(start), Some(end)) if start <= end => Ok(self.0.slice(start..end)),
            _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Memory(&'static [u8]);

    impl RemoteFile for Memory {
        fn len(&self) -> u64 {
            u64::try_from(self.0.len()).unwrap()
        }

        fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            Ok(Bytes::from_static(&self.0[range]))
        }
    }

    #[test]
    fn bytes_in_memory_are_read_as_far_as_there_are_any() {
        let held = Held(Bytes::from_static(b"0123"));
        assert_eq!((held.len(), &*held.read_range(1..3).unwrap()), (4, &b"12"[..]));
        assert!(held.read_range(2..5).is_err());
    }

    #[test]
    fn reads_from_any_place() {
        let mut reader = RemoteReader::new(Arc::new(Memory(b"0123456789")));
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "0123456789");
        assert_eq!(reader.seek(SeekFrom::End(-3)).unwrap(), 7);
        let mut two = [0; 2];
        reader.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"78");
        assert_eq!(reader.seek(SeekFrom::Current(-5)).unwrap(), 4);
        reader.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"45");
        assert!(reader.seek(SeekFrom::Current(-100)).is_err());
    }
}
