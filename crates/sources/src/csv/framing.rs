//! Finding the rows of a CSV text: a quoted field may hold line breaks.

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::text::block::Framing;

/// Rows end at line breaks outside quoted fields.
#[derive(Debug)]
pub(crate) struct Rows {
    delimiter: u8,
}

impl Rows {
    /// Returns a framing for fields separated by `delimiter`.
    pub(crate) const fn new(delimiter: u8) -> Self {
        Self { delimiter }
    }

    /// Returns the length of the first row with its line break, `None` if it does not end here.
    fn row_end(&self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0_usize;
        loop {
            let found = memchr2(b'"', b'\n', bytes.get(at..)?)?;
            let place = at.saturating_add(found);
            at = place.saturating_add(1);
            if bytes.get(place) == Some(&b'\n') {
                return Some(at);
            }
            // A quote within a field that did not start with one is a character like others.
            let before = place.checked_sub(1).and_then(|before| bytes.get(before));
            let opens_field = before.is_none_or(|before| *before == self.delimiter);
            if opens_field {
                at = at.saturating_add(closing_quote(bytes.get(at..)?)?).saturating_add(1);
            }
        }
    }
}

impl Framing for Rows {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let len = match self.row_end(rest) {
                Some(len) => len,
                // The quote that opens here never closes: give up its line, not the file.
                None if is_end => memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1)),
                None => break,
            };
            let end = at.saturating_add(len);
            records.push(at..end);
            at = end;
        }
        at
    }

    fn is_by_line(&self) -> bool {
        false
    }
}

/// Returns the offset of the quote that ends a field, doubled ones being part of it.
pub(super) fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let place = at.saturating_add(memchr(b'"', bytes.get(at..)?)?);
        let next = place.saturating_add(1);
        if bytes.get(next) != Some(&b'"') {
            return Some(place);
        }
        at = next.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<&str> {
        let mut records = Vec::new();
        assert_eq!(Rows::new(b',').frame(text.as_bytes(), true, &mut records), text.len());
        records.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn quoted_fields_hold_line_breaks() {
        assert_eq!(rows("a,b\r\n\"x\n\"\"y\",2\n3,4"), ["a,b\r\n", "\"x\n\"\"y\",2\n", "3,4"]);
        assert_eq!(rows("1,5\" disk\n2,b\n"), ["1,5\" disk\n", "2,b\n"]);
        assert_eq!(rows("\"\",\"\"\n\"a\"\n"), ["\"\",\"\"\n", "\"a\"\n"]);
    }

    #[test]
    fn an_open_quote_costs_its_line() {
        assert_eq!(rows("1,\"open\n2,b\n3,c"), ["1,\"open\n", "2,b\n", "3,c"]);
    }

    #[test]
    fn a_row_that_may_go_on_is_left() {
        let mut records = Vec::new();
        let text = b"1,2\n3,\"4\n";
        assert_eq!(Rows::new(b',').frame(text, false, &mut records), 4);
        assert_eq!(records, vec![0..4]);
    }
}
