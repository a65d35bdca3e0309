//! Rows that were read before and kept in Parquet files, as a lake does: a file has rows of many inputs, and
//! with each row the place it was read from, which stays the place that is cited.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    io::{self, Read},
    ops::RangeInclusive,
    path::PathBuf,
    sync::Arc,
};

use evtx_arrow::RecordTimes;
use kql_types::Ticks;
use parquet::file::metadata::FileMetaData;

use super::{
    chunks::Chunks,
    remote::{RemoteFile, RemoteReader},
};

/// The column with the number of the member that a row was read from.
pub const SOURCE_COLUMN: &str = "_Source";
/// The column with the 1-based index of its record there.
pub const LINE_COLUMN: &str = "_Line";
/// What stands behind the name of a time's column for the ticks of 100 ns that a microsecond leaves.
pub const TICKS_SUFFIX: &str = "_100ns";
/// What stands before the name of an event's field that has a column of its own.
pub const FIELD_PREFIX: &str = "EventData_";
/// The key of a file's metadata with the columns of fields that it would have if any of its events had a value,
/// with commas between, which no column's name has. A column that is neither there nor in the list was none when the file was written, and the
/// field may be anywhere in the data.
pub const EMPTY_COLUMNS: &str = "quarry.empty_columns";
/// The last column but one of each batch of kept rows: the place of a row's member among the members.
pub const MEMBER: &str = "member";

/// A Parquet file of kept rows.
#[derive(Clone, Debug)]
pub struct KeptFile {
    /// What problems call it.
    pub path: PathBuf,
    /// Where its bytes are.
    pub bytes: KeptBytes,
    /// The table that its rows are of.
    pub table: String,
    /// How many those are.
    pub rows: u64,
    /// The range that the values of a column of times lie in, if one is known. No other column of times has
    /// to lie in it.
    pub times: Option<(String, RangeInclusive<Ticks>)>,
    /// The range that the ids of its events lie in, if it is known.
    pub event_ids: Option<RangeInclusive<i64>>,
    /// What the file calls a column, where that is not the column's name.
    pub names: Arc<BTreeMap<String, String>>,
    /// Where the rows were read from.
    pub members: Arc<KeptMembers>,
}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
pub enum KeptBytes {
    /// In a file.
    File(PathBuf),
    /// Somewhere else.
    Remote(Arc<dyn RemoteFile>),
}

/// The files and archive members that kept rows were read from, in the order of the input.
#[derive(Debug, Default)]
pub struct KeptMembers {
    members: Vec<KeptMember>,
    places: HashMap<i64, i64>,
    /// Whether rows of members that are not among these are left out, as if they were not there. Otherwise
    /// such a row is a problem.
    pub is_selection: bool,
}

/// A file or a member of an archive that rows were read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptMember {
    /// The number by which rows name it.
    pub source: i64,
    /// The file's path.
    pub file: PathBuf,
    /// The member of the archive.
    pub member: Option<String>,
    /// The name of its format.
    pub format: String,
    /// The tables that its rows are of, and which of their columns the export's head has.
    pub heads: Vec<(String, Option<Vec<String>>)>,
    /// Records that were kept.
    pub records: u64,
    /// Their times.
    pub times: RecordTimes,
}

/// Reads which columns a file does not have because no row has a value there.
pub fn empty_columns(metadata: &FileMetaData) -> BTreeSet<String> {
    let mut entries = metadata.key_value_metadata().into_iter().flatten();
    let list = entries.find(|it| it.key == EMPTY_COLUMNS).and_then(|it| it.value.as_deref());
    list.into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect()
}

impl KeptMembers {
    /// Takes members in the order of the input.
    pub fn new(members: Vec<KeptMember>, is_selection: bool) -> Self {
        let places = (0_i64..).zip(&members).map(|(place, member)| (member.source, place));
        Self { places: places.collect(), members, is_selection }
    }

    /// Returns the members.
    pub fn all(&self) -> &[KeptMember] {
        &self.members
    }

    /// Returns the place of the member with a number.
    pub(crate) fn place(&self, source: i64) -> Option<i64> {
        self.places.get(&source).copied()
    }
}

impl KeptFile {
    /// Returns the number of bytes.
    pub(crate) fn stored_bytes(&self) -> u64 {
        match &self.bytes {
            KeptBytes::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            KeptBytes::Remote(file) => file.len(),
        }
    }

    /// Opens the file from its start.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn Read>> {
        Ok(match &self.bytes {
            KeptBytes::File(path) => Box::new(File::open(path)?),
            KeptBytes::Remote(file) => Box::new(RemoteReader::new(Arc::clone(file))),
        })
    }

    /// Opens the file.
    pub(crate) fn open(&self) -> io::Result<Chunks> {
        Ok(match &self.bytes {
            KeptBytes::File(path) => Chunks::File(path.clone(), File::open(path)?),
            KeptBytes::Remote(file) => Chunks::Remote(Arc::clone(file)),
        })
    }
}
