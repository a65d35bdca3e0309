//! Lists that people keep: the one reader of CSV and the like for whatever a user gives beside the
//! telemetry, such as watchlists, exceptions and indicators.
//!
//! In: bytes in UTF-8 or UTF-16, with or without a mark. Out: one record after the other, with the
//! line on which it begins. Unlike telemetry, where a damaged record costs itself alone, a list that
//! is not whole is refused: half of a list of exceptions is another list.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::text::encoding;

/// Bytes of a file that tell its encoding.
const HEAD_LEN: u64 = 4;
/// More than this no record has; a quote that nobody closes would otherwise make all the rest one.
const MAX_RECORD_LEN: usize = 16 << 20;

/// Why a list cannot be used.
#[derive(Debug, Error)]
pub enum ListError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It has no first line with the names of its columns.
    #[error("no line with the names of columns")]
    NoHeader,
    /// Two columns have the same name.
    #[error("line {line}: two columns are named `{name}`")]
    SameName {
        /// The line of the names.
        line: u64,
        /// The name.
        name: String,
    },
    /// A record has more fields than there are columns.
    #[error("line {line}: {fields} fields, but {columns} columns")]
    TooManyFields {
        /// The line on which the record begins.
        line: u64,
        /// Its fields.
        fields: usize,
        /// The columns.
        columns: usize,
    },
    /// A quote is not closed.
    #[error("line {line}: a quote that is not closed")]
    OpenQuote {
        /// The line on which its record begins.
        line: u64,
    },
    /// A record is longer than any is.
    #[error("line {line}: a record of more than {MAX_RECORD_LEN} bytes; is a quote not closed?")]
    TooLong {
        /// The line on which it begins.
        line: u64,
    },
    /// A record is no text.
    #[error("line {line}: neither UTF-8 nor, with a mark, UTF-16")]
    Encoding {
        /// The line on which it begins.
        line: u64,
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

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between fields.
    pub delimiter: u8,
    /// Whether a line that begins with `#` is a comment, blanks around fields do not count and a
    /// record without any text is none: a list that is written by hand.
    pub by_hand: bool,
}

impl Dialect {
    /// Comma-separated values as programs write them.
    pub const CSV: Self = Self { delimiter: b',', by_hand: false };
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRecord {
    /// The 1-based line on which it begins.
    pub line: u64,
    /// Its fields.
    pub fields: Vec<String>,
}

/// Reads records, one after the other. Empty lines are none.
pub struct ListReader<'a> {
    input: Box<dyn BufRead + 'a>,
    dialect: Dialect,
    line: u64,
}

impl ListReader<'static> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn open(path: &Path, dialect: Dialect) -> Result<Self, ListError> {
        Ok(ListReader::new(File::open(path)?, dialect)?)
    }
}

impl<'a> ListReader<'a> {
    /// Reads bytes of any encoding that lists have.
    ///
    /// # Errors
    ///
    /// If the first of them cannot be read.
    pub fn new(input: impl Read + 'a, dialect: Dialect) -> io::Result<Self> {
        Ok(Self { input: Box::new(BufReader::new(decoded(input)?)), dialect, line: 1 })
    }

    /// Reads the first record as the names of the columns, without the blanks around them.
    ///
    /// # Errors
    ///
    /// If there is none, or a name stands there twice; and those of [`Self::read`].
    pub fn header(&mut self) -> Result<Vec<String>, ListError> {
        let mut header = ListRecord::default();
        if !self.read(&mut header)? {
            return Err(ListError::NoHeader);
        }
        let names: Vec<String> = header.fields.iter().map(|it| it.trim().to_owned()).collect();
        let mut sorted: Vec<&String> = names.iter().filter(|name| !name.is_empty()).collect();
        sorted.sort_unstable();
        let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(one, next)| one == next);
        match twice {
            Some((name, _)) => {
                Err(ListError::SameName { line: header.line, name: (*name).clone() })
            }
            None => Ok(names),
        }
    }

    /// Reads a record that has as many fields as there are columns; those that it lacks are empty.
    ///
    /// # Errors
    ///
    /// If it has more; and those of [`Self::read`].
    pub fn read_row(&mut self, columns: usize, row: &mut ListRecord) -> Result<bool, ListError> {
        if !self.read(row)? {
            return Ok(false);
        }
        let fields = row.fields.len();
        if fields > columns {
            return Err(ListError::TooManyFields { line: row.line, fields, columns });
        }
        row.fields.resize(columns, String::new());
        Ok(true)
    }

    /// Reads the next record in the place of `record`; tells whether there was one.
    ///
    /// # Errors
    ///
    /// If the input cannot be read, or what it has is no record.
    pub fn read(&mut self, record: &mut ListRecord) -> Result<bool, ListError> {
        loop {
            record.line = self.line;
            let mut text = Vec::new();
            let mut quotes = Quotes::new(self.dialect);
            let mut is_end = true;
            loop {
                let from = text.len();
                let left = MAX_RECORD_LEN.saturating_add(1).saturating_sub(from);
                let mut limited = self.input.by_ref().take(u64::try_from(left).unwrap_or(u64::MAX));
                if limited.read_until(b'\n', &mut text)? == 0 {
                    break;
                }
                if text.len() > MAX_RECORD_LEN {
                    return Err(ListError::TooLong { line: record.line });
                }
                is_end = false;
                self.line = self.line.saturating_add(1);
                if self.is_comment(&text) {
                    break;
                }
                for byte in text.get(from..).unwrap_or_default() {
                    quotes.pass(*byte);
                }
                if !quotes.is_quoted {
                    break;
                }
            }
            if is_end {
                return Ok(false);
            }
            if quotes.is_quoted {
                return Err(ListError::OpenQuote { line: record.line });
            }
            let text = std::str::from_utf8(&text)
                .map_err(|_| ListError::Encoding { line: record.line })?;
            let text =
                text.strip_suffix('\n').map_or(text, |it| it.strip_suffix('\r').unwrap_or(it));
            if text.is_empty() || self.is_comment(text.as_bytes()) {
                continue;
            }
            self.split(text, &mut record.fields);
            if !self.dialect.by_hand || record.fields.iter().any(|field| !field.is_empty()) {
                return Ok(true);
            }
        }
    }

    fn is_comment(&self, text: &[u8]) -> bool {
        self.dialect.by_hand && text.starts_with(b"#")
    }

    fn split(&self, text: &str, fields: &mut Vec<String>) {
        fields.clear();
        let mut quotes = Quotes::new(self.dialect);
        let mut field = Vec::new();
        let mut end = |field: &mut Vec<u8>| {
            // Only whole characters were taken apart, at ASCII.
            let text = String::from_utf8_lossy(field);
            let text = if self.dialect.by_hand { text.trim() } else { &text };
            fields.push(text.to_owned());
            field.clear();
        };
        for byte in text.bytes() {
            match quotes.pass(byte) {
                Part::Text => field.push(byte),
                Part::Delimiter => end(&mut field),
                Part::Opening => field.clear(),
                Part::Closing => {}
            }
        }
        end(&mut field);
    }
}

/// What a byte of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Text,
    Delimiter,
    Opening,
    Closing,
}

/// Follows the quotes of a record: a field is quoted if it begins with one, and two within stand for
/// one.
struct Quotes {
    dialect: Dialect,
    is_quoted: bool,
    /// The byte before closed a quote: another one reopens it.
    has_just_closed: bool,
    /// Nothing but blanks, if those do not count, has been met of the field.
    is_at_start: bool,
}

impl Quotes {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, is_quoted: false, has_just_closed: false, is_at_start: true }
    }

    fn pass(&mut self, byte: u8) -> Part {
        let has_just_closed = std::mem::take(&mut self.has_just_closed);
        if byte == b'"' && self.is_quoted {
            (self.is_quoted, self.has_just_closed) = (false, true);
            return Part::Closing;
        }
        if byte == b'"' && has_just_closed {
            self.is_quoted = true;
            return Part::Text;
        }
        if byte == b'"' && self.is_at_start {
            (self.is_quoted, self.is_at_start) = (true, false);
            return Part::Opening;
        }
        if byte == self.dialect.delimiter && !self.is_quoted {
            self.is_at_start = true;
            return Part::Delimiter;
        }
        let is_blank = self.dialect.by_hand && byte.is_ascii_whitespace();
        self.is_at_start &= is_blank;
        Part::Text
    }
}

/// Reads a whole text that a user gives, in any encoding that lists have.
///
/// # Errors
///
/// If it cannot be read, is longer than `most` bytes, or is no text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let mut input = decoded(File::open(path)?)?.take(most.saturating_add(1));
    input.read_to_string(&mut text)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > most {
        let message = format!("more than {most} bytes, which is all that memory allows for it");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}

/// Reads the lines of a text that a user gives, one after the other.
///
/// # Errors
///
/// If it cannot be opened.
pub fn text_lines(path: &Path) -> io::Result<impl Iterator<Item = io::Result<String>>> {
    Ok(BufReader::new(decoded(File::open(path)?)?).lines())
}

fn decoded<'a>(mut input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD_LEN).read_to_end(&mut head)?;
    let whole = io::Cursor::new(head.clone()).chain(input);
    Ok(encoding::decoded(&head, Box::new(whole)))
}

/// An error, and the list it is about.
#[derive(Debug, Error)]
#[error("{path}: {source}", path = path.display())]
pub struct ListFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub source: ListError,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_HAND: Dialect = Dialect { delimiter: b',', by_hand: true };

    fn read(bytes: &[u8], dialect: Dialect) -> Result<Vec<(u64, Vec<String>)>, ListError> {
        let mut reader = ListReader::new(bytes, dialect)?;
        let mut record = ListRecord::default();
        let mut all = Vec::new();
        while reader.read(&mut record)? {
            all.push((record.line, record.fields.clone()));
        }
        Ok(all)
    }

    fn fields(text: &str, dialect: Dialect) -> Vec<Vec<String>> {
        read(text.as_bytes(), dialect).unwrap().into_iter().map(|(_, fields)| fields).collect()
    }

    #[test]
    fn quotes_keep_delimiters_breaks_and_quotes() {
        let text = "a, b\r\n\"x,\"\"y\"\"\",\"l1\r\nl2\"\r\n\n5\" disk,\"\"\n,";
        let found = fields(text, Dialect::CSV);
        assert_eq!(
            found,
            [vec!["a", " b"], vec!["x,\"y\"", "l1\r\nl2"], vec!["5\" disk", ""], vec!["", ""]]
        );
        let lines: Vec<u64> =
            read(text.as_bytes(), Dialect::CSV).unwrap().iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 5, 6]);
    }

    #[test]
    fn a_list_by_hand_has_comments_and_blanks() {
        let text = "# a, \"b\n\n a , \"b, c\" ,#d\n , \n#\n";
        assert_eq!(fields(text, BY_HAND), [vec!["a", "b, c", "#d"]]);
        assert_eq!(fields("#a,b", Dialect::CSV), [vec!["#a", "b"]]);
    }

    #[test]
    fn utf_16_and_marks_are_read() {
        let text = "Host,Owner\r\nsrv-ü,😀\r\n";
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            let found = read(&bytes, Dialect::CSV).unwrap();
            assert_eq!(found[0].1, ["Host", "Owner"]);
            assert_eq!(found[1].1, ["srv-ü", "😀"]);
        }
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let error = |bytes: &[u8]| read(bytes, Dialect::CSV).unwrap_err().to_string();
        assert_eq!(error(b"a\n\"x\ny"), "line 2: a quote that is not closed");
        assert_eq!(error(b"a\nb\xff\n"), "line 2: neither UTF-8 nor, with a mark, UTF-16");
        let long = [&b"a\n"[..], &vec![b'x'; MAX_RECORD_LEN + 1]].concat();
        assert!(error(&long).starts_with("line 2: a record of more than"), "{}", error(&long));
        let header = |text: &str| ListReader::new(text.as_bytes(), Dialect::CSV).unwrap().header();
        assert_eq!(header("").unwrap_err().to_string(), "no line with the names of columns");
        assert_eq!(
            header("a, b,a ,,").unwrap_err().to_string(),
            "line 1: two columns are named `a`"
        );
        let mut reader = ListReader::new(&b"1\n2,3"[..], Dialect::CSV).unwrap();
        let mut row = ListRecord::default();
        assert!(reader.read_row(1, &mut row).unwrap());
        assert_eq!(
            reader.read_row(1, &mut row).unwrap_err().to_string(),
            "line 2: 2 fields, but 1 columns"
        );
    }

    #[test]
    fn a_quote_over_many_lines_costs_no_more_than_its_text() {
        // Each line is looked at once for quotes and once for fields.
        let lines = 20_000;
        let text = format!("\"{}\"\n", "x\n".repeat(lines));
        assert_eq!(fields(&text, Dialect::CSV)[0][0].len(), 2 * lines);
    }
}
