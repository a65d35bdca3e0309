//! The different texts of a column under construction. Logs repeat themselves: most columns have few.

use std::{hash::BuildHasher, sync::Arc};

use arrow::{
    array::{Array, StringViewArray, StringViewBuilder, UInt16Builder},
    buffer::BooleanBuffer,
};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::column::StoredColumn;
use crate::error::EngineError;

/// The most different texts of a column.
const MOST_TEXTS: usize = 4_096;
/// So many rows have to show whether texts repeat themselves.
const TRIAL_ROWS: usize = 1_024;
/// Texts of up to so many bytes stand in the view itself.
const INLINE_BYTES: usize = 12;

/// The texts of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: UInt16Builder,
    /// Where each of the different texts ends in `bytes`.
    ends: Vec<usize>,
    bytes: String,
    /// The numbers of those of the different texts that stand in their views, by view.
    short: HashMap<u128, u16>,
    /// The numbers of the others.
    long: HashTable<u16>,
    hasher: DefaultHashBuilder,
}

impl Texts {
    /// Adds the texts of some rows; tells whether they still repeat themselves enough. If they do not,
    /// only [`Texts::finish`] is of use.
    ///
    /// - `rows`: the rows of `texts` to be added.
    pub(super) fn extend(&mut self, texts: &StringViewArray, rows: &BooleanBuffer) -> bool {
        // Views of one array with the same bytes are the same text.
        let mut known: HashMap<u128, u16> = HashMap::new();
        let mut last = None;
        let views = texts.views();
        for row in rows.set_indices() {
            let Some(view) = views.get(row).filter(|_| texts.is_valid(row)) else {
                self.numbers.append_null();
                continue;
            };
            if let Some((of_last, number)) = last
                && of_last == *view
            {
                self.numbers.append_value(number);
                continue;
            }
            let text = texts.value(row);
            let is_short = text.len() <= INLINE_BYTES;
            let found = if is_short { self.short.get(view) } else { known.get(view) };
            let number = match found {
                Some(number) => Some(*number),
                None if is_short => {
                    let number = self.push(text);
                    number.inspect(|number| {
                        self.short.insert(*view, *number);
                    })
                }
                None => {
                    let number = self.number_of_long(text);
                    number.inspect(|number| {
                        known.insert(*view, *number);
                    })
                }
            };
            let Some(number) = number else { return false };
            self.numbers.append_value(number);
            last = Some((*view, number));
        }
        let rows = self.numbers.values_slice().len();
        rows < TRIAL_ROWS || self.ends.len() <= rows / 2
    }

    /// Returns the number of a text that does not stand in its view; `None` if there are too many.
    fn number_of_long(&mut self, text: &str) -> Option<u16> {
        let hash = self.hasher.hash_one(Some(text));
        let is_same = |number: &u16| value(&self.ends, &self.bytes, *number) == Some(text);
        if let Some(number) = self.long.find(hash, is_same) {
            return Some(*number);
        }
        let number = self.push(text)?;
        let Self { ends, bytes, hasher, .. } = self;
        let hash_of = |number: &u16| hasher.hash_one(value(ends, bytes, *number));
        self.long.insert_unique(hash, number, hash_of);
        Some(number)
    }

    /// Adds a text; returns its number, `None` if there are too many.
    fn push(&mut self, text: &str) -> Option<u16> {
        let number = u16::try_from(self.ends.len()).ok()?;
        if self.ends.len() >= MOST_TEXTS {
            return None;
        }
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        Some(number)
    }

    /// Returns how many bytes of memory it takes, about.
    pub(super) fn memory_bytes(&self) -> usize {
        let numbers = self.numbers.values_slice().len().saturating_mul(size_of::<u16>());
        numbers.saturating_add(self.bytes.len()).saturating_add(self.ends.len().saturating_mul(64))
    }

    /// Ends the column, of as many rows as were added wholly.
    ///
    /// - `rows`: how many those are.
    pub(super) fn finish(mut self, rows: usize) -> Result<StoredColumn, EngineError> {
        let numbers = || (0..self.ends.len()).filter_map(|number| u16::try_from(number).ok());
        let values: Option<Vec<&str>> =
            numbers().map(|number| value(&self.ends, &self.bytes, number)).collect();
        let values = values.ok_or(EngineError::Internal { what: "a stored text is missing" })?;
        let long = values.iter().map(|text| text.len()).filter(|len| *len > INLINE_BYTES);
        // One buffer that is not larger than it has to be.
        let bytes = u32::try_from(long.sum::<usize>())
            .map_err(|_| EngineError::Internal { what: "the texts of a block are too long" })?;
        let texts = StringViewBuilder::with_capacity(values.len());
        let mut texts = texts.with_fixed_block_size(bytes.max(1));
        texts.extend(values.into_iter().map(Some));
        let numbers = self.numbers.finish().slice(0, rows);
        StoredColumn::of_texts(Arc::new(texts.finish()), numbers).map_err(EngineError::Batch)
    }
}

fn value<'a>(ends: &[usize], bytes: &'a str, number: u16) -> Option<&'a str> {
    let at = usize::from(number);
    let start = match at.checked_sub(1) {
        Some(before) => *ends.get(before)?,
        None => 0,
    };
    bytes.get(start..*ends.get(at)?)
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, AsArray};
    use proptest::prelude::*;

    use super::*;

    /// Texts of both kinds, few enough to come again.
    fn text() -> impl Strategy<Value = Option<String>> {
        let short = "[a-c]{0,2}";
        let long = "a text that is longer than a view[0-3]";
        proptest::option::weighted(0.9, prop_oneof![short, long])
    }

    proptest! {
        /// Whatever comes in whatever batches, each row has its text.
        #[test]
        fn texts_are_what_they_were(
            batches in proptest::collection::vec(
                proptest::collection::vec((text(), any::<bool>()), 1..30), 1..5,
            ),
        ) {
            let mut texts = Texts::default();
            let mut expected: Vec<Option<&str>> = Vec::new();
            for batch in &batches {
                let array: StringViewArray = batch.iter().map(|(text, _)| text.as_deref()).collect();
                let rows: BooleanBuffer = batch.iter().map(|(_, is_in)| *is_in).collect();
                prop_assert!(texts.extend(&array, &rows));
                expected.extend(batch.iter().filter(|(_, is_in)| *is_in).map(|(it, _)| it.as_deref()));
            }
            let values: ArrayRef = texts.finish(expected.len()).unwrap().values().unwrap();
            prop_assert_eq!(values.as_string_view().iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn texts_that_do_not_repeat_themselves_are_told() {
        let all = |texts: &[String]| {
            let rows = BooleanBuffer::new_set(texts.len());
            Texts::default().extend(&StringViewArray::from_iter_values(texts), &rows)
        };
        let texts = |different: usize| -> Vec<String> {
            (0..10_000).map(|row| format!("text number {}", row % different)).collect()
        };
        assert!(all(&texts(MOST_TEXTS)));
        assert!(!all(&texts(MOST_TEXTS + 1)), "the last text gets no number");
        assert!(!all(&texts(4_000)[..TRIAL_ROWS]), "none has come again");
        assert!(all(&texts(4_000)[..TRIAL_ROWS - 1]), "too few to say");
    }
}
