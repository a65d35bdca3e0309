//! Buffers that text is read into, used again for the text that follows.
//!
//! A buffer keeps its bytes when it is given back, so that the next block is read over them: fresh
//! memory for each block would be zeroed by the kernel, page by page, and by whoever makes it
//! readable as bytes once more.

use std::{
    io::{self, Read},
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes that a new buffer makes room for at first: most inputs are smaller than a block.
const FIRST_LEN: usize = 64 * 1024;

/// Buffers that nobody uses.
#[derive(Clone, Debug)]
pub(crate) struct SpareBuffers {
    buffers: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Bytes past which a buffer is not kept: a single long record must not hold memory for good.
    most_bytes: usize,
}

/// Some text, which gives its memory back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// The text and, behind it, room whose bytes mean nothing.
    bytes: Vec<u8>,
    /// The length of the text.
    len: usize,
    home: Option<SpareBuffers>,
}

impl SpareBuffers {
    /// Returns none; buffers of more than `most_bytes` will not be kept.
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { buffers: Arc::default(), most_bytes }
    }

    /// Returns an empty buffer.
    pub(crate) fn take(&self) -> Buffer {
        let spare = self.buffers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Buffer { bytes: spare.unwrap_or_default(), len: 0, home: Some(self.clone()) }
    }

    fn give_back(&self, bytes: Vec<u8>) {
        if (1..=self.most_bytes).contains(&bytes.len()) {
            self.buffers.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    }
}

impl Buffer {
    /// Reads until the text is `wanted` bytes long or the input has ended.
    ///
    /// # Errors
    ///
    /// Those of reading; what was read before stays.
    pub(crate) fn fill(&mut self, input: &mut dyn Read, wanted: usize) -> io::Result<()> {
        while self.len < wanted {
            if self.len >= self.bytes.len() {
                let room = self.bytes.len().saturating_mul(2).max(FIRST_LEN);
                self.bytes.resize(room.min(wanted), 0);
            }
            let end = self.bytes.len().min(wanted);
            match input.read(self.bytes.get_mut(self.len..end).unwrap_or_default()) {
                Ok(0) => break,
                Ok(read) => self.len = self.len.saturating_add(read).min(end),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Appends some text.
    pub(crate) fn push(&mut self, text: &[u8]) {
        let end = self.len.saturating_add(text.len());
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(text);
            self.len = end;
        }
    }

    /// Keeps the first `len` bytes of the text.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Removes the first `len` bytes of the text.
    pub(crate) fn remove_start(&mut self, len: usize) {
        let start = len.min(self.len);
        self.bytes.copy_within(start..self.len, 0);
        self.len = self.len.saturating_sub(start);
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { len: bytes.len(), bytes, home: None }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_is_used_again_has_nothing_of_what_it_held() {
        let spare = SpareBuffers::new(FIRST_LEN);
        let mut buffer = spare.take();
        buffer.fill(&mut &b"0123456789"[..], 8).unwrap();
        assert_eq!(&*buffer, b"01234567");
        drop(buffer);
        let mut again = spare.take();
        assert!(again.is_empty() && again.bytes.len() == 8);
        again.push(b"ab");
        again.fill(&mut &b"cd"[..], 100).unwrap();
        assert_eq!(&*again, b"abcd");
        again.remove_start(1);
        again.truncate(2);
        assert_eq!(&*again, b"bc");
        again.remove_start(7);
        assert!(again.is_empty());
    }

    #[test]
    fn a_buffer_that_has_grown_is_not_kept() {
        let spare = SpareBuffers::new(10);
        for (len, kept) in [(10, 1), (11, 0)] {
            let mut buffer = spare.take();
            buffer.push(&vec![1; len]);
            drop(buffer);
            assert_eq!(spare.buffers.lock().unwrap().len(), kept);
        }
    }

    #[test]
    fn an_interrupted_read_is_no_failure() {
        struct Interrupted(u8);
        impl Read for Interrupted {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 | 3 => Err(io::ErrorKind::Interrupted.into()),
                    2 => (&b"x"[..]).read(buffer),
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                }
            }
        }
        let mut buffer = Buffer::default();
        assert!(buffer.fill(&mut Interrupted(0), 10).is_err());
        assert_eq!(&*buffer, b"x");
    }
}
