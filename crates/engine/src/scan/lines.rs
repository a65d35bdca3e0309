//! A set of records of one file, by their line.

use arrow::{
    array::{AsArray, BooleanArray},
    datatypes::Int64Type,
    record_batch::RecordBatch,
};

/// A set of lines: a bit for each, up to the last one in it.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bits: Vec<u64>,
    count: u64,
}

impl Lines {
    /// Adds those rows of a reader's batch, whose last column is the line, that `kept` marks.
    pub(crate) fn add(&mut self, batch: &RecordBatch, kept: &BooleanArray) {
        let lines = batch.columns().last().and_then(|lines| lines.as_primitive_opt::<Int64Type>());
        let Some(lines) = lines else { return };
        for row in kept.values().set_indices() {
            if let Some(&line) = lines.values().get(row) {
                self.insert(line.cast_unsigned());
            }
        }
    }

    /// Returns the number of lines in the set.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Adds the lines of another set.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.bits.len() > self.bits.len() {
            self.bits.resize(other.bits.len(), 0);
        }
        for (own, others) in self.bits.iter_mut().zip(&other.bits) {
            *own |= *others;
        }
        self.count = self.bits.iter().map(|bits| u64::from(bits.count_ones())).sum();
    }

    /// Adds a line.
    pub(crate) fn insert(&mut self, line: u64) {
        // A word has 64 of them.
        let Ok(word) = usize::try_from(line >> 6) else { return };
        if word >= self.bits.len() {
            self.bits.resize(word.saturating_add(1), 0);
        }
        let bit = 1_u64.wrapping_shl(u32::try_from(line & 63).unwrap_or_default());
        if let Some(bits) = self.bits.get_mut(word)
            && *bits & bit == 0
        {
            *bits |= bit;
            self.count = self.count.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_once() {
        let mut lines = Lines::default();
        for line in [1, 63, 64, 64, 1, 1000] {
            lines.insert(line);
        }
        assert_eq!(lines.count(), 4);
        let mut other = Lines::default();
        for line in [2, 64, 5000] {
            other.insert(line);
        }
        lines.merge(&other);
        assert_eq!(lines.count(), 6);
    }
}
