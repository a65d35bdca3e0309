//! The account a scan gives of every record.

use std::path::PathBuf;

use evtx_arrow::RecordTimes;
use kql_types::Ticks;

use crate::losses::Losses;

/// What became of the records of one raw table in one file or member.
///
/// `read` = `filtered` + `emitted` + `passed_over` + `rejected`, unless the sink ended the scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberSummary {
    /// The path as given, or found below the folder given.
    pub file: PathBuf,
    /// The member of the archive.
    pub member: Option<String>,
    /// The name of the format recognised.
    pub format: &'static str,
    /// The raw table; `None` if no record could be read.
    pub table: Option<String>,
    /// Records found.
    pub read: u64,
    /// Records that the request does not ask for.
    pub filtered: u64,
    /// Records put into batches.
    pub emitted: u64,
    /// Records that the request asks for, but that come behind those that suffice.
    pub passed_over: u64,
    /// Records that could not be read, counted with the member's first table. Each was a
    /// [`Problem`](crate::Problem) with a line.
    pub rejected: u64,
    /// The newest time among the records whose time was read, emitted or filtered.
    pub newest: Option<Ticks>,
    /// The times of the same records.
    pub times: RecordTimes,
    /// What the records emitted have lost, by cause.
    pub losses: Losses,
    /// The table's columns that the export's head has; `None` if each record has its own.
    pub head: Option<Vec<String>>,
    /// Columns of the export that the table does not have.
    pub ignored_columns: Vec<String>,
    /// Columns with times whose zone neither they nor the export name: they were read as UTC, as
    /// [`ScanRequest::local_offset`](crate::ScanRequest::local_offset) says nothing else.
    pub assumed_utc: Vec<String>,
}

impl MemberSummary {
    /// Tells whether every record is accounted for.
    pub fn balances(&self) -> bool {
        let parts = [self.emitted, self.passed_over, self.rejected];
        let sum = parts.into_iter().try_fold(self.filtered, u64::checked_add);
        sum == Some(self.read)
    }
}
