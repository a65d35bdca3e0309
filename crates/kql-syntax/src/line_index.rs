//! Byte offsets to lines and columns, for output that counts so.

/// The starts of a text's lines.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// The byte offset of each line's first character; the first is zero.
    starts: Vec<usize>,
}

/// A place as people and editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in Unicode code points, from 1 (what SARIF calls `unicodeCodePoints`).
    pub column: usize,
}

impl<'t> LineIndex<'t> {
    /// Reads a text's line breaks: `\n`, `\r\n` or `\r`.
    pub fn new(text: &'t str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let next = at.saturating_add(1);
            let is_break = *byte == b'\n' || (*byte == b'\r' && bytes.get(next) != Some(&b'\n'));
            if is_break {
                starts.push(next);
            }
        }
        Self { text, starts }
    }

    /// Returns the place of a byte offset; one past the end, or within a character, is taken for the
    /// nearest before it.
    ///
    /// Cost: logarithmic in the lines, linear in the length of the one line.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let offset = self.text.floor_char_boundary((offset as usize).min(self.text.len()));
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        LineColumn { line, column: before.chars().count().saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, LineIndex};

    #[test]
    fn lines_and_columns_count_from_one_and_by_code_points() {
        let index = LineIndex::new("aä\r\nb\rc\n");
        let places: Vec<_> = [0, 1, 3, 5, 7, 9, 99]
            .map(|offset| index.line_column(offset))
            .map(|LineColumn { line, column }| (line, column))
            .into();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (4, 1), (4, 1)]);
        assert_eq!(index.line_column(2), index.line_column(1));
    }
}
