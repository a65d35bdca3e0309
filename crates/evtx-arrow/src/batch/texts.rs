//! Texts under construction, each rendered straight into the block in which the column keeps it.

use std::{ops::Range, sync::Arc};

use arrow_array::{ArrayRef, StringViewArray, builder::make_view};
use arrow_buffer::{Buffer, NullBufferBuilder, ScalarBuffer};
use arrow_schema::ArrowError;

/// The bytes a view takes, whatever the length of its text.
const VIEW_LEN: usize = 16;
/// The length up to which a view holds its text itself.
const INLINE_LEN: usize = 12;
/// The length at which a block is closed.
const BLOCK_LEN: usize = 1 << 20;
/// So many texts of a block are known again, a power of two.
const KNOWN_TEXTS: usize = 1 << 8;

/// The texts of a column of type `Utf8View` under construction.
pub(crate) struct Texts {
    views: Vec<u128>,
    nulls: NullBufferBuilder,
    closed: Vec<Buffer>,
    /// The block at hand.
    block: Vec<u8>,
    /// Some of the texts in it, each at the place that it chooses itself: what events have in common, logs
    /// repeat. Empty before there is any.
    known: Vec<Known>,
}

/// A text of the block at hand.
#[derive(Clone)]
struct Known {
    place: Range<usize>,
    view: u128,
}

impl Texts {
    /// Returns an empty column.
    pub(crate) fn new() -> Self {
        Self {
            views: Vec::new(),
            nulls: NullBufferBuilder::new(0),
            closed: Vec::new(),
            block: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Appends the text that `render` appends to what it is given, and returns about how many bytes
    /// it took.
    pub(crate) fn append_with(&mut self, render: impl FnOnce(&mut Vec<u8>)) -> usize {
        let start = self.block.len();
        render(&mut self.block);
        let text = self.block.get(start..).unwrap_or_default();
        let len = text.len();
        let taken = if len <= INLINE_LEN {
            self.views.push(make_view(text, 0, 0));
            self.block.truncate(start);
            0
        } else if let Some(view) = self.known_view(text) {
            self.views.push(view);
            self.block.truncate(start);
            0
        } else {
            // Both are small: a block is closed long before, and a column has few.
            let number = u32::try_from(self.closed.len()).unwrap_or(u32::MAX);
            let offset = u32::try_from(start).unwrap_or(u32::MAX);
            let view = make_view(text, number, offset);
            self.views.push(view);
            let place = slot(text);
            if self.known.is_empty() {
                self.known = vec![Known { place: 0..0, view: 0 }; KNOWN_TEXTS];
            }
            if let Some(known) = self.known.get_mut(place) {
                *known = Known { place: start..start.saturating_add(len), view };
            }
            if self.block.len() >= BLOCK_LEN {
                self.close();
            }
            len
        };
        self.nulls.append_non_null();
        taken.saturating_add(VIEW_LEN)
    }

    /// Returns the view of a text that the block has already, if it is known.
    fn known_view(&self, text: &[u8]) -> Option<u128> {
        let known = self.known.get(slot(text))?;
        (self.block.get(known.place.clone()) == Some(text)).then_some(known.view)
    }

    /// Appends a text and returns about how many bytes it took.
    pub(crate) fn append(&mut self, text: &str) -> usize {
        self.append_with(|out| out.extend_from_slice(text.as_bytes()))
    }

    /// Appends a null and returns about how many bytes it took.
    pub(crate) fn append_null(&mut self) -> usize {
        self.append_nulls(1);
        VIEW_LEN
    }

    /// Appends so many nulls.
    pub(crate) fn append_nulls(&mut self, count: usize) {
        self.views.resize(self.views.len().saturating_add(count), 0);
        self.nulls.append_n_nulls(count);
    }

    /// Appends so many empty texts.
    pub(crate) fn append_empty(&mut self, count: usize) {
        self.views.resize(self.views.len().saturating_add(count), 0);
        self.nulls.append_n_non_nulls(count);
    }

    /// Returns the texts, and is empty afterwards.
    ///
    /// # Errors
    ///
    /// Arrow's own, if something has been rendered that is no UTF-8.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        if !self.block.is_empty() {
            self.close();
        }
        // The next batch will take as much.
        let room = self.views.len();
        let views = std::mem::replace(&mut self.views, Vec::with_capacity(room));
        let blocks = std::mem::take(&mut self.closed);
        let texts =
            StringViewArray::try_new(ScalarBuffer::from(views), blocks, self.nulls.finish())?;
        Ok(Arc::new(texts))
    }

    fn close(&mut self) {
        let room = self.block.len();
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(room));
        self.closed.push(Buffer::from_vec(block));
        self.known.clear();
    }
}

/// Returns the place at which a text is known again. A few of its bytes decide, so that long texts cost no
/// more than short ones: texts that share them take each other's place.
fn slot(text: &[u8]) -> usize {
    const WORD: usize = size_of::<u64>();
    let word = |at: usize| {
        let bytes = text.get(at..).and_then(|rest| rest.first_chunk::<WORD>());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let last = text.len().saturating_sub(WORD);
    let words = [word(0), word(last / 2), word(last)];
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(MIXER).rotate_left(31);
    let hash = words.into_iter().fold(u64::try_from(text.len()).unwrap_or(u64::MAX), mix);
    usize::try_from(hash >> 40).unwrap_or(0) & (KNOWN_TEXTS - 1)
}

/// An odd number with ones and zeros spread: 2^64 divided by the golden ratio.
const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn finished(texts: &mut Texts) -> Vec<Option<String>> {
        let array = texts.finish().unwrap();
        let texts = array.as_any().downcast_ref::<StringViewArray>().unwrap();
        texts.iter().map(|text| text.map(str::to_owned)).collect()
    }

    #[test]
    fn texts_of_every_length_repeated_and_missing() {
        let mut texts = Texts::new();
        let mut expected = Vec::new();
        for round in 0..3 {
            for len in 0..40 {
                let text = "é€x".repeat(len).chars().take(len).collect::<String>();
                for _ in 0..=len % 3 {
                    texts.append(&text);
                    expected.push(Some(text.clone()));
                }
                if len % 7 == round {
                    texts.append_null();
                    texts.append_empty(2);
                    expected.extend([None, Some(String::new()), Some(String::new())]);
                }
            }
            assert_eq!(finished(&mut texts), std::mem::take(&mut expected));
        }
    }

    #[test]
    fn long_texts_fill_blocks() {
        let mut texts = Texts::new();
        let long = "a text that is longer than a view holds ".repeat(1 << 12);
        let numbered = |at: usize| format!("{at} {long}");
        for at in 0..20 {
            texts.append(&numbered(at));
        }
        let expected: Vec<_> = (0..20).map(|at| Some(numbered(at))).collect();
        assert_eq!(finished(&mut texts), expected);
    }

    #[test]
    fn a_repeated_text_takes_no_room() {
        let mut texts = Texts::new();
        let text = "Microsoft-Windows-Security-Auditing";
        let taken = [0; 3].map(|_| texts.append(text));
        assert_eq!(taken, [VIEW_LEN + text.len(), VIEW_LEN, VIEW_LEN]);
        assert_eq!(finished(&mut texts), vec![Some(text.to_owned()); 3]);
    }

    #[test]
    fn texts_that_alternate_stand_once_each() {
        let mut texts = Texts::new();
        let hosts =
            ["server-north-01.example", "server-south-02.example", "server-west-03.example"];
        let taken: usize = (0..300).map(|row| texts.append(hosts[row % 3])).sum();
        let once: usize = hosts.iter().map(|host| host.len()).sum();
        assert_eq!(taken, 300 * VIEW_LEN + once);
        let expected: Vec<_> = (0..300).map(|row| Some(hosts[row % 3].to_owned())).collect();
        assert_eq!(finished(&mut texts), expected);
    }

    #[test]
    fn texts_that_take_each_others_place_are_told_apart() {
        let mut texts = Texts::new();
        // Alike at both ends and in the middle.
        let text =
            |number: usize| format!("the same {number:04} and again the same {number:04} the same");
        let places: std::collections::BTreeSet<usize> =
            (0..50).map(|number| slot(text(number).as_bytes())).collect();
        assert!(places.len() < 50, "{places:?}");
        for number in (0..50).chain(0..50) {
            texts.append(&text(number));
        }
        let expected: Vec<_> = (0..50).chain(0..50).map(|number| Some(text(number))).collect();
        assert_eq!(finished(&mut texts), expected);
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        let mut texts = Texts::new();
        texts.append_with(|out| out.extend_from_slice(&[0xff; 20]));
        assert!(texts.finish().is_err());
    }
}
