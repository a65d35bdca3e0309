//! What is wrong with an input, and where: values, because reading goes on behind each.

use std::{fmt, io, path::PathBuf};

use thiserror::Error;

/// One thing that is wrong, and its place.
#[derive(Debug, Error)]
#[error("{place}: {reason}")]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What it is.
    #[source]
    pub reason: Reason,
}

/// A place in an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The path as given, or found below the folder given.
    pub file: PathBuf,
    /// The member of the archive, nested archives separated by `/`.
    pub member: Option<String>,
    /// The record that is lost: its 1-based index in the file or member. `None` if the problem is
    /// not of a single record.
    pub line: Option<u64>,
    /// The byte offset in the file or member, decompressed and, for UTF-16, in UTF-8.
    pub offset: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(member) = &self.member {
            write!(f, " > {member}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", record {line}")?;
        }
        if let Some(offset) = self.offset {
            write!(f, ", offset {offset}")?;
        }
        Ok(())
    }
}

/// What can be wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The path does not exist.
    #[error("no such file or folder")]
    NotFound,
    /// The file or folder cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// The folder holds no file, at any depth.
    #[error("folder holds no files")]
    NoFiles,
    /// The file or member has no bytes.
    #[error("file is empty")]
    Empty,
    /// An archive has no member that could be a log.
    #[error("{kind} archive holds no files")]
    NoMembers {
        /// The kind of archive.
        kind: &'static str,
    },
    /// The content has the marks of a format and no record, and nothing in it says that this is meant.
    #[error("no record is found in it; it starts with `{start}`")]
    NoRecords {
        /// The first bytes, escaped.
        start: String,
    },
    /// The content is of no format that is read.
    #[error(
        "no format that is known: expected EVTX, event XML, JSON, CSV with a known table's columns, \
         Parquet, or an archive of them; it starts with `{start}`"
    )]
    UnknownFormat {
        /// The first bytes, escaped.
        start: String,
    },
    /// A JSON object is of no shape that is known.
    #[error("JSON of no known shape, keys found: {}", list(.keys))]
    UnknownShape {
        /// The keys of the object.
        keys: Vec<String>,
    },
    /// No known table has the columns of an export.
    #[error(
        "no known table has the columns {}; a file called `<Table>` and an extension says which \
         table it is", list(.columns)
    )]
    UnknownTable {
        /// The columns that no single table has, or all of them.
        columns: Vec<String>,
    },
    /// A text has one line, which could be the head of a CSV file of no table that is known.
    #[error(
        "one line and no rows: as the head of a CSV file it has columns of no table that is known, {}",
        list(.columns)
    )]
    HeadOnly {
        /// The columns that it would have.
        columns: Vec<String>,
    },
    /// Several tables have the columns of an export.
    #[error(
        "columns fit the tables {} equally; a file called `<Table>` and an extension says which \
         it is", list(.candidates)
    )]
    AmbiguousTable {
        /// The tables.
        candidates: Vec<String>,
    },
    /// One documented table has the columns of an export, which are too few to be sure.
    #[error(
        "the few columns fit `{table}`, and could be another's; a file called `<Table>` and an \
         extension says which table it is"
    )]
    FewColumns {
        /// The table.
        table: String,
    },
    /// The first records could not be read, and so the others were not tried.
    #[error("none of the first {records} records can be read; the rest is left unread")]
    GivenUp {
        /// Records that were tried.
        records: u64,
    },
    /// The record is no JSON object.
    #[error("expected {expected}")]
    Json {
        /// What should have been there.
        expected: &'static str,
    },
    /// The record is no Windows event in XML.
    #[error("expected {expected}")]
    Xml {
        /// What should have been there.
        expected: &'static str,
    },
    /// The time of a row cannot be read.
    #[error("`{column}` holds no time that can be read: `{value}`")]
    Time {
        /// The column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// The row of a table has a column for its time and nothing in it.
    #[error("`{column}` is empty: a row without its time is in no period")]
    NoTime {
        /// The column.
        column: String,
    },
    /// The record looks like an event of some shape and lacks what makes it one.
    #[error("{shape} without {what}")]
    Lacks {
        /// The name of the shape.
        shape: &'static str,
        /// What is not there.
        what: &'static str,
    },
    /// The event's data are written in a way that is not known for this shape.
    #[error("{shape} with event data that cannot be read: {found}")]
    Data {
        /// The name of the shape.
        shape: &'static str,
        /// What stands where the data should.
        found: String,
    },
    /// The file is another tool's, and does not hold the events.
    #[error("{what}; {instead}")]
    OtherTool {
        /// What the file is.
        what: &'static str,
        /// What to give in its place.
        instead: &'static str,
    },
    /// A service says that its answer has errors, or is not whole.
    #[error("the service that gave this answer reports an error: {message}")]
    Service {
        /// What it says.
        message: String,
    },
    /// A record is not well formed, and was read all the same.
    #[error("record {record} has {what}, which is kept as text")]
    NotWellFormed {
        /// The record: its 1-based index in the file or member.
        record: u64,
        /// What is not well formed.
        what: &'static str,
    },
    /// The record has too few or too many fields.
    #[error("row has {found} fields, the header has {expected}")]
    FieldCount {
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// A text has a byte that is zero.
    #[error("a byte is zero, as after a crash: what is written around it may be lost or wrong")]
    ZeroByte,
    /// Something stands between the quote that ends a field and the next field.
    #[error("text stands behind the quote that ends a field")]
    BehindQuote,
    /// A quoted field has no end.
    #[error("quoted field has no end")]
    UnclosedQuote,
    /// The record is no UTF-8.
    #[error("text is no UTF-8")]
    NotUtf8,
    /// The record exceeds the limit.
    #[error("record has more than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The input breaks off.
    #[error("input is cut off here")]
    Truncated,
    /// An EVTX record or chunk is damaged.
    #[error(transparent)]
    Evtx(evtx_arrow::DamageReason),
    /// An EVTX file cannot be read at all.
    #[error(transparent)]
    EvtxFile(evtx_arrow::ReadError),
    /// A Parquet file is damaged, or has what is not read.
    #[error("Parquet file cannot be read: {0}")]
    Parquet(#[source] parquet::errors::ParquetError),
    /// The content is known, and is not read.
    #[error("{what} is not read; {instead}")]
    NotRead {
        /// What it is, with its article.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The file is a part of an archive.
    #[error(
        "part of a split archive; join the parts (`cat x.7z.* > x.7z`, on Windows \
         `copy /b x.7z.001+x.7z.002 x.7z`) and give the whole"
    )]
    SplitPart,
    /// Rows that were kept say that they are of a file that nobody knows.
    #[error("{rows} rows are of files that the ledger does not have, and are left out")]
    Strangers {
        /// How many.
        rows: u64,
    },
    /// A member of an archive is compressed in a way that is not read.
    #[error(
        "{kind} archive uses the compression method {method}, which is not read; unpack it and give the folder"
    )]
    UnsupportedMethod {
        /// The kind of archive.
        kind: &'static str,
        /// The method.
        method: String,
    },
    /// An archive has something that is not read.
    #[error("{kind} archive has what is not read, {what}; unpack it and give the folder")]
    Unsupported {
        /// The kind of archive.
        kind: &'static str,
        /// What it is.
        what: String,
    },
    /// An archive or compressed stream is damaged.
    #[error("{kind} archive is damaged: {message}")]
    Archive {
        /// The kind of archive.
        kind: &'static str,
        /// What its reader says.
        message: String,
    },
    /// An archive or a member of it is encrypted.
    #[error("archive is encrypted; `--password` gives its password")]
    Encrypted,
    /// An archive or a member of it is encrypted in a way that is not read.
    #[error(
        "{kind} archive is encrypted with {method}; unpack it with its password and give the folder"
    )]
    Encryption {
        /// The kind of archive.
        kind: &'static str,
        /// The encryption.
        method: &'static str,
    },
    /// An archive or a member of it is encrypted, and none of the passwords given is its.
    #[error("archive is encrypted, and no password given opens it")]
    WrongPassword,
    /// An archive lies in an archive in an archive, or a ZIP in a stream.
    #[error("{kind} archive cannot be read within another; unpack the outer one")]
    Nested {
        /// The kind of the inner archive.
        kind: &'static str,
    },
    /// A batch could not be put together.
    #[error("batch is refused: {0}")]
    Batch(#[from] arrow_schema::ArrowError),
}

impl Reason {
    /// Returns the reason that `value` is no time, the value cut if it is long.
    pub(crate) fn unreadable_time(column: &str, value: &str) -> Self {
        Self::Time { column: column.to_owned(), value: start_of(value) }
    }

    /// Returns the reason that `found` is no data of an event, cut if it is long.
    pub(crate) fn strange_data(shape: &'static str, found: &str) -> Self {
        Self::Data { shape, found: format!("`{}`", start_of(found)) }
    }

    /// Tells whether a record of another shape would have the reason too.
    pub(crate) const fn is_of_shape(&self) -> bool {
        matches!(
            self,
            Self::Time { .. } | Self::NoTime { .. } | Self::Lacks { .. } | Self::Data { .. }
        )
    }

    /// Returns how little the reason says of a record that no shape can read; the smaller, the more.
    pub(crate) const fn says_little(&self) -> u8 {
        match self {
            Self::OtherTool { .. } | Self::Service { .. } => 0,
            Self::Time { .. } | Self::Data { .. } => 1,
            Self::NoTime { .. } | Self::Lacks { .. } => 2,
            Self::AmbiguousTable { .. } | Self::FewColumns { .. } | Self::UnknownTable { .. } => 3,
            _ => 4,
        }
    }

    /// Returns the reason that an I/O error is: an early end or unreadable input.
    pub(crate) fn of_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Unreadable(error),
        }
    }
}

/// Characters of a value that a message shows.
const SHOWN_CHARS: usize = 60;

/// Returns the start of a value on one line.
fn start_of(value: &str) -> String {
    let mut chars = value.chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut text: String = chars.by_ref().take(SHOWN_CHARS).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

/// The names that a message lists before it stops.
const LISTED: usize = 24;

fn list(names: &[String]) -> String {
    let mut text = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let more = names.len().saturating_sub(LISTED);
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join(", ")
}
