//! Texts that repeat themselves, as most columns of logs do: a function of them is computed once for each
//! different one.

use std::num::NonZeroUsize;

use arrow::{
    array::{Array, ArrayRef, StringViewArray, UInt32Array},
    compute::take,
};
use datafusion_common::Result;
use hashbrown::{HashMap, hash_map::Entry};

/// Fewer rows than these are not worth looking through.
const LEAST_ROWS: usize = 256;
/// So many rows have to show whether texts repeat themselves.
const TRIAL_ROWS: usize = 128;
/// Of so many rows, at most one may have a text of its own.
const LEAST_REPEATED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// The different texts of a column, and which of them each row has.
#[derive(Debug)]
pub(super) struct Repeated {
    /// The different texts, of which null is one.
    pub(super) texts: ArrayRef,
    of_rows: UInt32Array,
}

impl Repeated {
    /// Finds the different texts of a column; `None` if it does not repeat itself, as far as that is seen
    /// without reading the texts: rows that share the bytes of a text, or have the same short one.
    pub(super) fn new(column: &StringViewArray) -> Result<Option<Self>> {
        let rows = column.len();
        if rows < LEAST_ROWS {
            return Ok(None);
        }
        let mut known: HashMap<Option<u128>, u32> = HashMap::new();
        let mut firsts: Vec<u32> = Vec::new();
        let mut of_rows: Vec<u32> = Vec::with_capacity(rows);
        let mut last: Option<(Option<u128>, u32)> = None;
        for (row, view) in (0_u32..).zip(column.views()) {
            let seen = of_rows.len();
            let view = column.is_valid(seen).then_some(*view);
            let number = match last {
                Some((of_last, number)) if of_last == view => number,
                _ => match known.entry(view) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(unknown) => {
                        if firsts.len() >= seen.max(TRIAL_ROWS) / LEAST_REPEATED {
                            return Ok(None);
                        }
                        let Ok(number) = u32::try_from(firsts.len()) else { return Ok(None) };
                        firsts.push(row);
                        *unknown.insert(number)
                    }
                },
            };
            of_rows.push(number);
            last = Some((view, number));
        }
        let texts = take(column, &UInt32Array::from(firsts), None)?;
        Ok(Some(Self { texts, of_rows: UInt32Array::from(of_rows) }))
    }

    /// Returns for each row what is computed for its text.
    pub(super) fn spread(&self, of_texts: &dyn Array) -> Result<ArrayRef> {
        Ok(take(of_texts, &self.of_rows, None)?)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    /// Rows of texts as the blocks of a store have them: each text stands once, however many rows have it.
    fn column(different: usize, rows: usize) -> StringViewArray {
        let texts: StringViewArray = (0..different)
            .map(|number| (number != 3).then(|| format!("{number} {}", "long".repeat(number % 7))))
            .collect();
        let numbers: UInt32Array =
            (0..different).cycle().map(|number| u32::try_from(number).ok()).take(rows).collect();
        take(&texts, &numbers, None).unwrap().as_string_view().clone()
    }

    #[test]
    fn each_row_has_what_is_computed_for_its_text() {
        let column = column(29, 1_000);
        let repeated = Repeated::new(&column).unwrap().unwrap();
        assert_eq!(repeated.texts.len(), 29);
        assert_eq!(repeated.texts.null_count(), 1);
        assert_eq!(*repeated.spread(&repeated.texts).unwrap(), column);
    }

    #[test]
    fn texts_that_hardly_repeat_themselves_are_left_alone() {
        assert!(Repeated::new(&column(251, 1_000)).unwrap().is_none());
        assert!(Repeated::new(&column(29, 255)).unwrap().is_none(), "few rows");
    }
}
