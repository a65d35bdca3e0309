//! Where every record went: read = matched + not needed + rejected.

use std::{borrow::Cow, path::PathBuf};

use kql_types::Ticks;
use sources::{Losses, Problem, RecordTimes};

use crate::{evidence::MemberId, store::copies::Copies};

/// The balance of a run.
#[derive(Debug, Default)]
pub struct Balance {
    /// One entry for each file or archive member, in order of their ids.
    pub members: Vec<MemberBalance>,
    /// Everything that could not be read, in input order.
    pub problems: Vec<Problem>,
    /// Reading ended before the end of the input, since the query had all the rows it asked for.
    pub stopped_early: bool,
}

/// The balance of one file or archive member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberBalance {
    /// What evidence calls it.
    pub id: MemberId,
    /// The file, as given or found.
    pub file: PathBuf,
    /// The member of an archive.
    pub member: Option<String>,
    /// The format's name; `""` in a sum.
    pub format: Cow<'static, str>,
    /// The raw tables its records are of.
    pub tables: Vec<String>,
    /// The records found.
    pub read: u64,
    /// Those that at least one query's scan kept.
    pub matched: u64,
    /// Those that no query asked for.
    pub not_needed: u64,
    /// Those that were damaged.
    pub rejected: u64,
    /// How many of those not needed a query would have kept, had the same record not stood in the
    /// input before.
    pub duplicates: u64,
    /// The newest time of any record, in ticks.
    pub newest: Option<Ticks>,
    /// The times of all records.
    pub times: RecordTimes,
    /// Columns in a local time that the export does not name: they were read as UTC.
    pub assumed_utc: Vec<String>,
    /// For each table with records in it: which of its columns the export's head has, `None` if each
    /// record has its own.
    pub heads: Vec<(String, Option<Vec<String>>)>,
    /// Columns of the export that its table does not have.
    pub ignored_columns: Vec<String>,
    /// What the records read have lost, by cause.
    pub losses: Losses,
}

impl Balance {
    /// Returns the sums over all members.
    pub fn total(&self) -> MemberBalance {
        self.members.iter().fold(MemberBalance::default(), |sum, member| MemberBalance {
            read: sum.read.saturating_add(member.read),
            matched: sum.matched.saturating_add(member.matched),
            not_needed: sum.not_needed.saturating_add(member.not_needed),
            rejected: sum.rejected.saturating_add(member.rejected),
            duplicates: sum.duplicates.saturating_add(member.duplicates),
            newest: sum.newest.max(member.newest),
            ..sum
        })
    }

    /// Returns the member that evidence names.
    pub fn member(&self, id: MemberId) -> Option<&MemberBalance> {
        let index = self.members.binary_search_by_key(&id, |member| member.id).ok()?;
        self.members.get(index)
    }

    /// Counts as duplicates what was kept and then found to be a copy.
    pub(crate) fn count_copies(&mut self, copies: &Copies) {
        for member in &mut self.members {
            let found = copies.in_member(member.id).min(member.matched);
            member.duplicates = member.duplicates.saturating_add(found);
            member.matched = member.matched.saturating_sub(found);
            member.not_needed = member.not_needed.saturating_add(found);
        }
    }

    /// Tells whether everything was readable and nothing of a record was lost.
    pub fn is_clean(&self) -> bool {
        let is_whole = |member: &MemberBalance| member.rejected == 0 && member.losses.is_empty();
        self.problems.is_empty() && self.members.iter().all(is_whole)
    }
}
