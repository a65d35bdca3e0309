//! Template instances: which template, and the values for its slots.

use crate::{
    binxml::{
        cursor::Cursor,
        value::{Value, ty, width},
    },
    record_error::RecordError,
};

const INSTANCE_TOKEN: u8 = 0x0c;
const FRAGMENT_HEADER_TOKEN: u8 = 0x0f;
const FRAGMENT_HEADER_LEN: usize = 4;
/// Token, a byte, the template's id, the definition's offset.
const INSTANCE_LEN: usize = 10;
/// A value's descriptor: size, type, a byte.
const DESCRIPTOR_LEN: usize = 4;

/// Length of a definition's header: the next one's offset, GUID, size of the body.
pub(crate) const DEFINITION_HEADER_LEN: usize = 24;

/// A template instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instance<'a> {
    chunk: &'a [u8],
    /// Where the template's definition is.
    pub(crate) definition: usize,
    /// One descriptor per value.
    descriptors: &'a [u8],
    /// Where the values start.
    values: usize,
}

impl<'a> Instance<'a> {
    /// Reads the instance whose token is at `offset`.
    pub(crate) fn read(chunk: &'a [u8], offset: usize) -> Result<Self, RecordError> {
        let mut cursor = Cursor::new(chunk, offset);
        cursor.take(INSTANCE_LEN.saturating_sub(4))?;
        let definition = cursor.size()?;
        if definition == cursor.at() {
            // The definition stands inside its first instance.
            let size_at = definition.saturating_add(DEFINITION_HEADER_LEN).saturating_sub(4);
            let len = Cursor::new(chunk, size_at).size()?;
            cursor.take(len.saturating_add(DEFINITION_HEADER_LEN))?;
        }
        let count = cursor.size()?;
        let descriptors = cursor.take(count.saturating_mul(DESCRIPTOR_LEN))?;
        Ok(Self { chunk, definition, descriptors, values: cursor.at() })
    }

    /// Reads the instance that a stream starts with, `None` if it starts otherwise.
    pub(crate) fn read_first(
        chunk: &'a [u8],
        start: usize,
        len: usize,
    ) -> Result<Option<Self>, RecordError> {
        let stream = chunk.get(start..).unwrap_or_default();
        let token_at = match stream.first() {
            Some(&FRAGMENT_HEADER_TOKEN) => FRAGMENT_HEADER_LEN,
            _ => 0,
        };
        if len <= token_at || stream.get(token_at) != Some(&INSTANCE_TOKEN) {
            return Ok(None);
        }
        Self::read(chunk, start.saturating_add(token_at)).map(Some)
    }

    /// Reads a stream that is nothing but one instance, `None` if it is anything else.
    pub(crate) fn read_only(
        chunk: &'a [u8],
        start: usize,
        len: usize,
    ) -> Result<Option<Self>, RecordError> {
        let Some(instance) = Self::read_first(chunk, start, len)? else { return Ok(None) };
        Ok(instance.is_all_of(start.saturating_add(len))?.then_some(instance))
    }

    /// Tells whether nothing follows the instance in a stream that ends at `stream_end`.
    pub(crate) fn is_all_of(&self, stream_end: usize) -> Result<bool, RecordError> {
        let end = self.end()?;
        Ok(end >= stream_end || self.chunk.get(end).is_some_and(|&token| token == 0))
    }

    /// Returns the chunk.
    pub(crate) const fn chunk(&self) -> &'a [u8] {
        self.chunk
    }

    /// Returns the value of a slot, `None` if there is none for it.
    pub(crate) fn value(&self, slot: u16) -> Option<Value<'a>> {
        self.value_at(slot).map(|(value, _)| value)
    }

    /// Returns the value of a slot and its offset in the chunk.
    pub(crate) fn value_at(&self, slot: u16) -> Option<(Value<'a>, usize)> {
        let (descriptors, _) = self.descriptors.as_chunks::<DESCRIPTOR_LEN>();
        let (before, rest) = descriptors.split_at_checked(usize::from(slot))?;
        let [size_low, size_high, ty, _] = *rest.first()?;
        let start = self.end_of(before);
        let size = usize::from(u16::from_le_bytes([size_low, size_high]));
        let len = width(ty).or_else(|| self.own_len(ty, start, size)).unwrap_or(size);
        let bytes = self.chunk.get(start..)?.get(..len)?;
        Some((Value { ty, bytes }, start))
    }

    /// Tells whether the value of a slot is null, so that what depends on it is not there.
    ///
    /// An empty fragment is null too.
    pub(crate) fn is_null(&self, slot: u16) -> bool {
        let (descriptors, _) = self.descriptors.as_chunks::<DESCRIPTOR_LEN>();
        match descriptors.get(usize::from(slot)) {
            Some([_, _, ty::NULL, _] | [0, 0, ty::BINXML, _]) => true,
            Some(_) | None => false,
        }
    }

    /// Returns where the values end.
    ///
    /// # Errors
    ///
    /// [`RecordError::Truncated`] if that is past the end of the chunk.
    pub(crate) fn end(&self) -> Result<usize, RecordError> {
        let (descriptors, _) = self.descriptors.as_chunks::<DESCRIPTOR_LEN>();
        let end = self.end_of(descriptors);
        if end > self.chunk.len() {
            return Err(RecordError::Truncated { offset: self.values });
        }
        Ok(end)
    }

    /// Returns where the values of the first descriptors end.
    ///
    /// A value has the length that its type has. Where a damaged descriptor tells of less, the
    /// value goes on all the same, and where it tells of more, the next one is that far away.
    fn end_of(&self, descriptors: &[[u8; DESCRIPTOR_LEN]]) -> usize {
        let mut at = self.values;
        for [low, high, ty, _] in descriptors {
            let size = usize::from(u16::from_le_bytes([*low, *high]));
            let mut len = WIDTHS.get(usize::from(*ty)).map_or(0, |&width| usize::from(width));
            if let Some(own_len) = self.own_len(*ty, at, size) {
                len = own_len;
            }
            at = at.saturating_add(size.max(len));
        }
        at
    }

    /// Returns the length of a value that tells its own: of a SID by its second byte, of an array
    /// of strings by the zero that ends the last one. `None` for other types.
    fn own_len(&self, ty: u8, at: usize, size: usize) -> Option<usize> {
        match ty {
            ty::SID => {
                let count = self.chunk.get(at.checked_add(1)?)?;
                usize::from(*count).checked_mul(4)?.checked_add(8)
            }
            ty::STRING_ARRAY => {
                let last_unit = size.checked_sub(1)? & !1;
                let units = self.chunk.get(at.checked_add(last_unit)?..)?.as_chunks::<2>().0;
                let more = units.iter().position(|unit| *unit == [0, 0])?;
                more.checked_add(1)?.checked_mul(2)?.checked_add(last_unit)
            }
            _ => None,
        }
    }
}

/// The widths of all types, zero for those without.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiling"
)]
const WIDTHS: [u8; 256] = {
    let mut widths = [0; 256];
    let mut ty = 0;
    while ty < 256 {
        if let Some(width) = width(ty as u8) {
            widths[ty] = width as u8;
        }
        ty += 1;
    }
    widths
};
