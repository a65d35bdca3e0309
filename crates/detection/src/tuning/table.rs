//! A CSV table in memory: records with the lines on which they begin.
//!
//! RFC 4180, with comments (`#` at the start of a line) and empty lines left out. Of our own because
//! the usual crate brings other features of `serde`, and a list of exceptions is small.

use std::borrow::Cow;

use kql_types::formula;

/// A record and the 1-based line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) fields: Vec<String>,
}

/// Takes a text apart. A quote that is never closed reaches to the end of the text.
pub(super) fn records(text: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut fields: Vec<String> = Vec::new();
    let mut field = String::new();
    let (mut line, mut begin) = (1_u64, 1_u64);
    let (mut is_quoted, mut is_comment) = (false, false);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if field.trim().is_empty() && !is_comment => {
                field.clear();
                is_quoted = true;
            }
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                line = line.saturating_add(1);
                end(&mut records, begin, &mut fields, &mut field, is_comment);
                begin = line;
                is_comment = false;
            }
            '#' if !is_quoted && fields.is_empty() && field.is_empty() => is_comment = true,
            '\r' if !is_quoted => {}
            _ => {
                line = line.saturating_add(u64::from(c == '\n'));
                field.push(c);
            }
        }
    }
    end(&mut records, begin, &mut fields, &mut field, is_comment);
    records
}

fn end(
    records: &mut Vec<Record>,
    line: u64,
    fields: &mut Vec<String>,
    field: &mut String,
    is_comment: bool,
) {
    fields.push(std::mem::take(field));
    let fields: Vec<String> =
        std::mem::take(fields).into_iter().map(|field| unguarded(&field)).collect();
    if !is_comment && fields.iter().any(|field| !field.is_empty()) {
        records.push(Record { line, fields });
    }
}

/// Returns a field without blanks around it and without the guard against formulas.
fn unguarded(field: &str) -> String {
    formula::unguarded(Cow::Borrowed(field.trim())).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        records(text).into_iter().map(|record| record.fields).collect()
    }

    #[test]
    fn quotes_keep_commas_breaks_and_quotes() {
        let text = "a, \"b, \"\"c\"\"\nd\" ,e\r\nf,,g";
        assert_eq!(fields(text), [vec!["a", "b, \"c\"\nd", "e"], vec!["f", "", "g"]]);
        assert_eq!(records(text)[1].line, 3);
    }

    #[test]
    fn comments_and_empty_lines_are_no_records() {
        assert_eq!(fields("# a, b\n\na,b\n,\n"), [vec!["a", "b"]]);
    }
}
