//! Offsets as editors count them.
//!
//! The Language Server Protocol and JavaScript count UTF-16 code units; queries are UTF-8.

/// A text's lines, to convert between byte offsets and UTF-16.
#[derive(Clone, Debug)]
pub struct Utf16<'t> {
    text: &'t str,
    /// The byte offset of each line's first character; the first is zero.
    starts: Vec<usize>,
}

impl<'t> Utf16<'t> {
    /// Reads the line breaks of a text: `\n`, `\r\n` or `\r`.
    pub fn new(text: &'t str) -> Self {
        let mut starts = vec![0];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            let is_pair = byte == b'\r' && bytes.peek().is_some_and(|(_, next)| *next == b'\n');
            if byte == b'\n' || (byte == b'\r' && !is_pair) {
                starts.push(at.saturating_add(1));
            }
        }
        Self { text, starts }
    }

    /// Returns the byte offset of a line and a column in it, both from 0, the column in code units.
    ///
    /// A column past the end of its line, or within a character, is taken for the nearest before it; a line
    /// past the last one for the end of the text.
    pub fn offset(&self, line: u32, column: u32) -> u32 {
        let mut starts = self.starts.iter().copied().skip(line as usize);
        let Some(start) = starts.next() else { return narrow(self.text.len()) };
        let end = starts.next().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
        narrow(start.saturating_add(bytes_of_units(text, column)))
    }

    /// Returns the line and the column of a byte offset, both from 0, the column in code units.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let offset = self.text.floor_char_boundary((offset as usize).min(self.text.len()));
        let past = self.starts.partition_point(|start| *start <= offset);
        let line = past.saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        (narrow(line), units(before))
    }

    /// Returns the byte offset of a place that is counted in code units from the start of the text, as a
    /// JavaScript string counts.
    pub fn offset_of_unit(&self, unit: u32) -> u32 {
        narrow(bytes_of_units(self.text, unit))
    }

    /// Returns how many code units stand before a byte offset.
    pub fn unit_of_offset(&self, offset: u32) -> u32 {
        let offset = self.text.floor_char_boundary((offset as usize).min(self.text.len()));
        units(self.text.get(..offset).unwrap_or_default())
    }
}

/// Returns how many bytes the first `count` code units of a text take.
fn bytes_of_units(text: &str, count: u32) -> usize {
    let mut left = count as usize;
    for (at, char) in text.char_indices() {
        match left.checked_sub(char.len_utf16()) {
            Some(rest) if left > 0 => left = rest,
            _ => return at,
        }
    }
    text.len()
}

fn units(text: &str) -> u32 {
    narrow(text.chars().map(char::len_utf16).sum())
}

/// Spans are 32 bits wide, and so is what the parser reads of a text.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Utf16;

    #[test]
    fn places_convert_both_ways() {
        let text = "aä😀b\r\nc\rd\n";
        let lines = Utf16::new(text);
        for (at, _) in text.char_indices().filter(|(_, char)| !"\r\n".contains(*char)) {
            let at = u32::try_from(at).unwrap();
            let (line, column) = lines.position(at);
            assert_eq!(lines.offset(line, column), at);
            assert_eq!(lines.offset_of_unit(lines.unit_of_offset(at)), at);
        }
        assert_eq!(lines.position(7), (0, 4), "`b` stands behind two code units of one character");
        assert_eq!(lines.offset(0, 99), 8);
        assert_eq!(lines.offset(0, 3), 3, "within the pair of `😀`");
        assert_eq!(lines.offset(9, 0), 14);
    }
}
