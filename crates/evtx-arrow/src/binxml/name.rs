//! Names of elements and attributes: references into the chunk's string table.

use std::rc::Rc;

use crate::{
    binxml::{cursor::Cursor, text},
    bytes,
    damage::RecordError,
    utf8::as_str,
};

/// A name in the string table: the offset of the next one, a hash, then the counted text.
const LINK_LEN: usize = 4;
const HASH_LEN: usize = 2;
/// The counted text is followed by a zero unit.
const TERMINATOR_LEN: usize = 2;

/// A reference to a name, as it stands in a stream.
#[derive(Debug)]
pub(crate) struct NameRef<'a> {
    /// Where the reference stands: four bytes, an offset in the chunk.
    pub(crate) at: usize,
    /// Whether the name itself follows the reference, as it does on its first use in a chunk.
    pub(crate) is_inline: bool,
    /// The name with its length in front, as the table holds it.
    pub(crate) counted: &'a [u8],
}

impl<'a> NameRef<'a> {
    /// Length of what changes from chunk to chunk at the start of an inline name.
    pub(crate) const LINK_LEN: usize = LINK_LEN;

    /// Reads a reference, and skips the name if it is inline.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, RecordError> {
        let at = cursor.at();
        let offset = cursor.size()?;
        let is_inline = offset == cursor.at();
        let counted =
            counted_at(cursor.chunk(), offset).ok_or(RecordError::Truncated { offset })?;
        if is_inline {
            let len = LINK_LEN.saturating_add(HASH_LEN).saturating_add(counted.len());
            cursor.take(len.saturating_add(TERMINATOR_LEN))?;
        }
        Ok(Self { at, is_inline, counted })
    }

    /// Returns the name.
    pub(crate) fn name(&self) -> Rc<str> {
        let units = self.counted.get(2..).unwrap_or_default();
        let mut out = Vec::new();
        text::push_utf16(units, &mut out);
        as_str(&out).into()
    }
}

/// Returns the name at an offset of the string table, its length in front.
pub(crate) fn counted_at(chunk: &[u8], offset: usize) -> Option<&[u8]> {
    let at = offset.checked_add(LINK_LEN)?.checked_add(HASH_LEN)?;
    let len = usize::from(bytes::u16(chunk, at)?).checked_mul(2)?.checked_add(2)?;
    chunk.get(at..)?.get(..len)
}
