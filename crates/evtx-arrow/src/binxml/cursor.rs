//! A place in a chunk that moves on as it is read.

use crate::{bytes, damage::RecordError};

/// A place in a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Returns a cursor at an offset of the chunk.
    pub(crate) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Returns the chunk.
    pub(crate) const fn chunk(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the offset.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Reads a byte.
    pub(crate) fn u8(&mut self) -> Result<u8, RecordError> {
        self.array().map(u8::from_le_bytes)
    }

    /// Reads a 16-bit number.
    pub(crate) fn u16(&mut self) -> Result<u16, RecordError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Reads a 32-bit number.
    pub(crate) fn u32(&mut self) -> Result<u32, RecordError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Reads a 32-bit offset or size.
    pub(crate) fn size(&mut self) -> Result<usize, RecordError> {
        let truncated = self.truncated();
        usize::try_from(self.u32()?).map_err(|_| truncated)
    }

    /// Reads `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        let end = self.at.checked_add(len).ok_or(self.truncated())?;
        let taken = self.bytes.get(self.at..end).ok_or(self.truncated())?;
        self.at = end;
        Ok(taken)
    }

    /// Reads text that its length in UTF-16 units precedes.
    pub(crate) fn counted_text(&mut self) -> Result<&'a [u8], RecordError> {
        let units = usize::from(self.u16()?);
        self.take(units.saturating_mul(2))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let array = bytes::array(self.bytes, self.at).ok_or(self.truncated())?;
        self.at = self.at.saturating_add(N);
        Ok(array)
    }

    const fn truncated(&self) -> RecordError {
        RecordError::Truncated { offset: self.at }
    }
}
