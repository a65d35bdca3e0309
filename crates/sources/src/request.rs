//! What a scan is asked for.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::{Range, RangeInclusive},
};

use evtx_arrow::EventRequest;
use kql_types::{Ticks, schema::ColumnSchema};

use crate::{dates::DateOrder, passwords::Passwords};

/// What is wanted of each raw table; records of a table that is not named are read and dropped.
#[derive(Clone, Debug, Default)]
pub struct ScanRequest {
    /// What is wanted of Windows events, the table [`EVENTS`]. Each request has batches of its
    /// own, so that what few records have in common costs the others nothing.
    pub events: Vec<EventRequest>,
    /// What is wanted of natively exported tables, by name.
    pub tables: BTreeMap<String, TableRequest>,
    /// Whether to look for chunks of event logs in content of no format that is known, and past
    /// the end of event logs.
    pub carve: bool,
    /// How the scan may spend memory and threads.
    pub limits: Limits,
    /// How far local times are from UTC in exports that have local times and do not say.
    pub local_offset: Option<Ticks>,
    /// What archives that are encrypted may be opened with.
    pub passwords: Passwords,
    /// The order of day and month in dates that could be read either way; without it the values of a
    /// column decide for all of them.
    pub date_order: Option<DateOrder>,
    /// Which part of a whole the input is.
    pub piece: Piece,
}

/// Which part of a whole an input is, where what grows is read piece by piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Piece {
    /// All of it; the content says what it is.
    #[default]
    Whole,
    /// JSON lines from the middle of a stream: whatever stands in them, each line that is not blank is one
    /// record, and none is left unread because of those before it.
    Lines {
        /// Records before the first one.
        before: u64,
    },
    /// Chunks of an event log, in file order behind the file's header. The lines of its records are their
    /// numbers in the log.
    Records {
        /// Records up to the one with this number are passed over uncounted.
        after: u64,
    },
}

impl Piece {
    /// Returns how many records come before the first one.
    pub(crate) const fn lines_before(self) -> u64 {
        match self {
            Self::Lines { before } => before,
            Self::Whole | Self::Records { .. } => 0,
        }
    }
}

/// The name of the raw table of Windows events.
pub const EVENTS: &str = "WindowsEvent";

/// The name of the last column of every batch: the record's 1-based index in its file or member.
pub const LINE: &str = EventRequest::LINE;

/// What is wanted of one natively exported table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRequest {
    /// The columns, in the order of the batches. One that the export lacks is null, `""` for a
    /// string.
    pub columns: Vec<ColumnSchema>,
    /// The range that the row's time must lie in; a row without a time lies in none.
    ///
    /// The time is `TimeGenerated` or `Timestamp`, whichever the export has.
    pub time: Option<Range<Ticks>>,
    /// What else a row has to be: one of these alternatives, each of which is several tests; none is
    /// no demand.
    ///
    /// Necessary, not sufficient: a format that can leave values unread by them does so, and the
    /// others hand over the rows.
    pub alternatives: Vec<Vec<ColumnTest>>,
    /// Which of these rows suffice, if not all are needed.
    pub first: Option<First>,
}

/// The rows that come first by a column of numbers or times.
///
/// A format that can find them without reading the others hands over these alone, and those equal to
/// the last of them, for each part of the input that it reads by itself; it counts the others as passed
/// over. All others hand over all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// The column.
    pub column: ColumnSchema,
    /// How many suffice.
    pub rows: usize,
    /// Whether the greatest value comes first.
    pub is_descending: bool,
    /// Whether rows without a value come first.
    pub has_nulls_first: bool,
}

/// A test of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnTest {
    /// The column.
    pub column: ColumnSchema,
    /// The values that pass; null never does.
    pub allowed: Allowed,
}

/// The values that pass a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Numbers, or ticks, in a range.
    Numbers(RangeInclusive<i64>),
    /// These numbers, or ticks.
    OneOf(Vec<i64>),
    /// These texts.
    Texts(Vec<String>),
}

/// How a scan may spend memory and threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes past which a record is rejected unread.
    pub record_bytes: usize,
    /// Bytes of text read at a time; what a thread works on.
    pub block_bytes: usize,
    /// Threads that parse the text of one input.
    pub threads: NonZeroUsize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record_bytes: 16 << 20, block_bytes: 2 << 20, threads: NonZeroUsize::MIN }
    }
}
