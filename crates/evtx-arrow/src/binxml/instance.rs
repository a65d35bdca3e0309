//! Template instances: which template, and the values for its slots.

use crate::{
    binxml::{
        cursor::Cursor,
        value::{Value, ty, width},
    },
    damage::RecordError,
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

/// An instance whose values have been found, all at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located<'a, 's> {
    instance: Instance<'a>,
    extent: &'s Extent,
}

/// Where the values of an instance are in their chunk.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    /// Where each of them starts.
    starts: Vec<u32>,
    /// Where the last one ends.
    end: u32,
    /// The number of those that may be no text of their own.
    others: usize,
}

impl<'a, 's> Located<'a, 's> {
    /// Returns an instance with what [`Instance::locate`] has found of it.
    pub(crate) const fn new(instance: Instance<'a>, extent: &'s Extent) -> Self {
        Self { instance, extent }
    }

    /// Returns the value of a slot, `None` if there is none for it.
    pub(crate) fn value(&self, slot: u16) -> Option<Value<'a>> {
        self.value_at(slot).map(|(value, _)| value)
    }

    /// Returns the value of a slot and its offset in the chunk.
    pub(crate) fn value_at(&self, slot: u16) -> Option<(Value<'a>, usize)> {
        let start = *self.extent.starts.get(usize::from(slot))?;
        let descriptor = self.instance.descriptors().get(usize::from(slot))?;
        self.instance.value_of(*descriptor, start)
    }

    /// Tells what [`Instance::is_null`] does.
    pub(crate) fn is_null(&self, slot: u16) -> bool {
        self.instance.is_null(slot)
    }

    /// Tells whether all values are text of their own, but for at most so many.
    pub(crate) const fn are_scalar_but(&self, others: usize) -> bool {
        self.extent.others <= others
    }
}

impl Extent {
    /// Returns where the last value ends.
    pub(crate) fn end(&self) -> usize {
        index(self.end)
    }
}

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
        Ok(instance.is_all_of(instance.end()?, start.saturating_add(len))?.then_some(instance))
    }

    /// Tells whether nothing follows the instance, whose values end at `end`, in a stream that
    /// ends at `stream_end`.
    ///
    /// # Errors
    ///
    /// [`RecordError::Truncated`] if the values end past the end of the chunk.
    pub(crate) fn is_all_of(&self, end: usize, stream_end: usize) -> Result<bool, RecordError> {
        if end > self.chunk.len() {
            return Err(RecordError::Truncated { offset: self.values });
        }
        Ok(end >= stream_end || self.chunk.get(end).is_some_and(|&token| token == 0))
    }

    /// Finds all values.
    pub(crate) fn locate(&self, extent: &mut Extent) {
        let mut at = offset(self.values);
        let mut others = 0_usize;
        extent.starts.clear();
        extent.starts.extend(self.descriptors().iter().map(|&[low, high, ty, _]| {
            let start = at;
            let traits = traits(ty);
            let mut least = u32::from(traits & WIDTH);
            let size = u32::from(u16::from_le_bytes([low, high]));
            if traits & (OWN_LEN | OTHER) != 0 {
                others = others.wrapping_add(usize::from(traits & OTHER != 0));
                least = self.own_len(ty, start, size).unwrap_or(0);
            }
            at = at.wrapping_add(size.max(least));
            start
        }));
        extent.end = at;
        extent.others = others;
    }

    /// Returns the value of a slot, `None` if there is none for it.
    pub(crate) fn value(&self, slot: u16) -> Option<Value<'a>> {
        self.value_at(slot).map(|(value, _)| value)
    }

    /// Returns the value of a slot and its offset in the chunk.
    pub(crate) fn value_at(&self, slot: u16) -> Option<(Value<'a>, usize)> {
        let (before, rest) = self.descriptors().split_at_checked(usize::from(slot))?;
        self.value_of(*rest.first()?, self.end_of(before))
    }

    /// Returns the value of a descriptor if it starts at `start`.
    fn value_of(
        &self,
        [low, high, ty, _]: [u8; DESCRIPTOR_LEN],
        start: u32,
    ) -> Option<(Value<'a>, usize)> {
        let size = u32::from(u16::from_le_bytes([low, high]));
        let width = u32::from(traits(ty) & WIDTH);
        let len = if width > 0 { width } else { self.own_len(ty, start, size).unwrap_or(size) };
        let start = index(start);
        let bytes = self.chunk.get(start..)?.get(..index(len))?;
        Some((Value { ty, bytes }, start))
    }

    /// Tells whether the value of a slot is null, so that what depends on it is not there.
    ///
    /// An empty fragment is null too.
    pub(crate) fn is_null(&self, slot: u16) -> bool {
        match self.descriptors().get(usize::from(slot)) {
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
        let end = index(self.end_of(self.descriptors()));
        if end > self.chunk.len() {
            return Err(RecordError::Truncated { offset: self.values });
        }
        Ok(end)
    }

    /// Returns where the values of the first descriptors end.
    ///
    /// A value has the length that its type has. Where a damaged descriptor tells of less, the
    /// value goes on all the same, and where it tells of more, the next one is that far away. A
    /// chunk has no room for descriptors of more than a number can hold.
    fn end_of(&self, descriptors: &[[u8; DESCRIPTOR_LEN]]) -> u32 {
        descriptors.iter().fold(offset(self.values), |at, &[low, high, ty, _]| {
            let traits = traits(ty);
            let mut least = u32::from(traits & WIDTH);
            let size = u32::from(u16::from_le_bytes([low, high]));
            if traits & OWN_LEN != 0 {
                least = self.own_len(ty, at, size).unwrap_or(0);
            }
            at.wrapping_add(size.max(least))
        })
    }

    fn descriptors(&self) -> &'a [[u8; DESCRIPTOR_LEN]] {
        self.descriptors.as_chunks().0
    }

    /// Returns the length of a value that tells its own: of a SID by its second byte, of an array
    /// of strings by the zero that ends the last one. `None` for other types.
    fn own_len(&self, ty: u8, at: u32, size: u32) -> Option<u32> {
        let (at, size) = (index(at), index(size));
        let len: usize = match ty {
            ty::SID => {
                let count = self.chunk.get(at.checked_add(1)?)?;
                usize::from(*count).checked_mul(4)?.checked_add(8)?
            }
            ty::STRING_ARRAY => {
                let last_unit = size.checked_sub(1)? & !1;
                let units = self.chunk.get(at.checked_add(last_unit)?..)?.as_chunks::<2>().0;
                let more = units.iter().position(|unit| *unit == [0, 0])?;
                more.checked_add(1)?.checked_mul(2)?.checked_add(last_unit)?
            }
            _ => return None,
        };
        u32::try_from(len).ok()
    }
}

/// Returns an offset in a chunk as extents have it; no chunk is longer than a number can tell.
fn offset(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Returns an offset in a chunk as slices have it.
fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Returns the traits of a type: [`WIDTH`], [`OWN_LEN`] and [`OTHER`].
fn traits(ty: u8) -> u8 {
    TRAITS.get(usize::from(ty)).copied().unwrap_or(0)
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiling"
)]
const TRAITS: [u8; 256] = {
    let mut traits = [0; 256];
    let mut ty = 0;
    while ty < 256 {
        if let Some(width) = width(ty as u8) {
            traits[ty] = width as u8;
        }
        if matches!(ty as u8, ty::SID | ty::STRING_ARRAY) {
            traits[ty] |= OWN_LEN;
        }
        if ty as u8 & ty::ARRAY != 0 || ty as u8 == ty::BINXML {
            traits[ty] |= OTHER;
        }
        ty += 1;
    }
    traits
};

/// The bits of a type's traits that hold the width of its values, zero if each has its own.
const WIDTH: u8 = 0x1f;
/// The trait of types whose values tell their own length.
const OWN_LEN: u8 = 0x40;
/// The trait of types whose values may be no text of their own.
const OTHER: u8 = 0x80;
