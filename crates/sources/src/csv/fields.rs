//! Splitting a row of CSV into fields.

use std::borrow::Cow;

use kql_types::formula;
use memchr::memchr;

use super::framing::closing_quote;
use crate::problem::Reason;

/// The fields of one row, as places in its text.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    fields: Vec<Field>,
    has_loose_quote: bool,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    start: usize,
    end: usize,
    has_doubled_quotes: bool,
}

impl Fields {
    /// Splits `row`, its line break left out.
    ///
    /// # Errors
    ///
    /// [`Reason::UnclosedQuote`], or [`Reason::BehindQuote`] where there is more than blanks between a
    /// closing quote and the next delimiter.
    pub(crate) fn split(&mut self, row: &str, delimiter: u8) -> Result<(), Reason> {
        self.fields.clear();
        self.has_loose_quote = false;
        let bytes = row.as_bytes();
        let mut start = 0_usize;
        loop {
            let rest = bytes.get(start..).unwrap_or_default();
            let (field, behind) = if rest.first() == Some(&b'"') {
                let start = start.saturating_add(1);
                let inside = bytes.get(start..).unwrap_or_default();
                let len = closing_quote(inside).ok_or(Reason::UnclosedQuote)?;
                let end = start.saturating_add(len);
                let content = inside.get(..len).unwrap_or_default();
                let has_doubled_quotes = memchr(b'"', content).is_some();
                (Field { start, end, has_doubled_quotes }, end)
            } else {
                let len = memchr(delimiter, rest).unwrap_or(rest.len());
                let end = start.saturating_add(len);
                let content = rest.get(..len).unwrap_or_default();
                self.has_loose_quote |= memchr(b'"', content).is_some();
                (Field { start, end, has_doubled_quotes: false }, end)
            };
            self.fields.push(field);
            let rest = bytes.get(behind..).unwrap_or_default();
            let next = memchr(delimiter, rest);
            let between = rest.get(..next.unwrap_or(rest.len())).unwrap_or_default();
            // The closing quote itself stands there, if there is one.
            if !between.strip_prefix(b"\"").unwrap_or(between).trim_ascii().is_empty() {
                return Err(Reason::BehindQuote);
            }
            match next {
                Some(at) => start = behind.saturating_add(at).saturating_add(1),
                None => return Ok(()),
            }
        }
    }

    /// Tells whether a field that does not start with a quote has one in it.
    pub(crate) const fn has_loose_quote(&self) -> bool {
        self.has_loose_quote
    }

    /// Returns the number of fields.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns the text of a field of the row that was split, `""` if there is none; without the guard
    /// against formulas, if the field has ours.
    pub(crate) fn text<'r>(&self, row: &'r str, place: usize) -> Cow<'r, str> {
        let Some(field) = self.fields.get(place) else { return Cow::Borrowed("") };
        let text = row.get(field.start..field.end).unwrap_or_default();
        formula::unguarded(if field.has_doubled_quotes {
            Cow::Owned(text.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(row: &str) -> Vec<Cow<'_, str>> {
        let mut fields = Fields::default();
        fields.split(row, b',').unwrap();
        (0..fields.len()).map(|place| fields.text(row, place)).collect()
    }

    #[test]
    fn splits_by_rfc_4180() {
        assert_eq!(split(r#"a,"b,c","d ""e""",,"#), ["a", "b,c", "d \"e\"", "", ""]);
        assert_eq!(split(r#"5" disk,"x" ,z"#), ["5\" disk", "x", "z"]);
        assert!(matches!(Fields::default().split("a,\"b\"c", b','), Err(Reason::BehindQuote)));
        assert_eq!(split(""), [""]);
        assert!(Fields::default().split("a,\"b", b',').is_err());
    }
}
