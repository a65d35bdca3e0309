//! The records of a small CSV file: what people keep in a spreadsheet.

use thiserror::Error;

/// Why a file of records cannot be used.
#[derive(Debug, Error)]
pub enum CsvError {
    /// It has no first line with the names of its columns.
    #[error("no line with the names of columns")]
    NoHeader,
    /// A record has more fields than there are columns.
    #[error("line {line}: {fields} fields, but {columns} columns")]
    TooManyFields {
        /// The line on which the record begins.
        line: usize,
        /// Its fields.
        fields: usize,
        /// The columns.
        columns: usize,
    },
    /// A quote is not closed.
    #[error("line {line}: a quote that is not closed")]
    OpenQuote {
        /// The line on which its record begins.
        line: usize,
    },
    /// The column that is named is not there.
    #[error("no column `{name}`; there are {}", columns.join(", "))]
    NoColumn {
        /// What was looked for.
        name: String,
        /// What is there.
        columns: Vec<String>,
    },
}

/// Names of columns, and rows of as many fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Csv {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Csv {
    /// Reads a file whose first record names the columns; fields that a row lacks are empty.
    pub(super) fn parse(text: &str) -> Result<Self, CsvError> {
        let mut records = records(text, ',')?.into_iter();
        let (_, columns) = records.next().ok_or(CsvError::NoHeader)?;
        let columns: Vec<String> = columns.into_iter().map(|it| it.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for (line, mut fields) in records {
            if fields.len() > columns.len() {
                let (fields, columns) = (fields.len(), columns.len());
                return Err(CsvError::TooManyFields { line, fields, columns });
            }
            fields.resize(columns.len(), String::new());
            rows.push(fields);
        }
        Ok(Self { columns, rows })
    }

    /// Returns the place of a column by its name, whose case does not count.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.eq_ignore_ascii_case(name))
    }
}

/// Splits text into records, each with its line; empty lines are none, nor is a byte order mark.
pub(crate) fn records(text: &str, delimiter: char) -> Result<Vec<(usize, Vec<String>)>, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut line, mut first_line) = (1_usize, 1_usize);
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\n' {
            line = line.saturating_add(1);
        }
        match char {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => is_quoted = true,
            char if char == delimiter && !is_quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !is_quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                end_record(&mut records, first_line, &mut fields, &mut field);
                first_line = line;
            }
            char => field.push(char),
        }
    }
    if is_quoted {
        return Err(CsvError::OpenQuote { line: first_line });
    }
    end_record(&mut records, first_line, &mut fields, &mut field);
    Ok(records)
}

fn end_record(
    records: &mut Vec<(usize, Vec<String>)>,
    line: usize,
    fields: &mut Vec<String>,
    field: &mut String,
) {
    if !fields.is_empty() || !field.is_empty() {
        fields.push(std::mem::take(field));
        records.push((line, std::mem::take(fields)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quotes_and_lines_within_them() {
        let csv = Csv::parse("\u{feff}a, b\r\n\"x,\"\"y\",\"l1\nl2\"\r\n\n1\n").unwrap();
        assert_eq!(csv.columns, ["a", "b"]);
        assert_eq!(csv.rows, [["x,\"y", "l1\nl2"], ["1", ""]]);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let error = |text| Csv::parse(text).unwrap_err().to_string();
        assert_eq!(error(""), "no line with the names of columns");
        assert_eq!(error("a\n1\n2,3"), "line 3: 2 fields, but 1 columns");
        assert_eq!(error("a\n\"x\ny"), "line 2: a quote that is not closed");
    }
}
