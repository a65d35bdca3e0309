//! Rows that a lake kept: each is of a file that was read long ago, which stays the file that is cited.
//!
//! The rows of one file lie in many files of the lake, and those in turn have rows of many files. So the
//! account is not that of an input, as it is elsewhere, but one for all of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, Int64Array},
    datatypes::Int64Type,
    record_batch::RecordBatch,
};
use sources::{
    Input,
    kept::{KeptMember, KeptMembers},
};

use super::{balance::MemberBalance, lines::Lines};
use crate::{error::EngineError, evidence::MemberId};

/// The records of kept members that a branch wanted, by the members' codes.
pub(crate) type Matched = BTreeMap<i64, Lines>;

/// The members of a lake.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The first input that is a file of the lake: its members count as members of that input.
    first: usize,
    members: Arc<KeptMembers>,
    matched: Mutex<Matched>,
}

impl Kept {
    /// Returns what is known of the lake among the inputs, if there is one.
    ///
    /// # Errors
    ///
    /// If there are two: their members would have the same places.
    pub(crate) fn of(inputs: &[Input]) -> Result<Option<Self>, EngineError> {
        let mut found: Option<Self> = None;
        for (at, input) in inputs.iter().enumerate() {
            let Input::Kept(file) = input else { continue };
            match &found {
                Some(kept) if Arc::ptr_eq(&kept.members, &file.members) => {}
                Some(_) => return Err(EngineError::Internal { what: "inputs are of two lakes" }),
                None => {
                    let members = Arc::clone(&file.members);
                    found = Some(Self { first: at, members, matched: Mutex::default() });
                }
            }
        }
        Ok(found)
    }

    /// Returns the codes of the members that the rows of a batch are of.
    ///
    /// # Errors
    ///
    /// If the batch does not say so.
    pub(crate) fn codes(&self, batch: &RecordBatch) -> Result<ArrayRef, EngineError> {
        let columns = batch.columns();
        let places = columns.len().checked_sub(2).and_then(|at| columns.get(at));
        let places = places.and_then(|places| places.as_primitive_opt::<Int64Type>());
        let places = places.ok_or(EngineError::Internal { what: "kept rows have no members" })?;
        let code = |place: i64| {
            MemberId::new(self.first, usize::try_from(place).unwrap_or(usize::MAX)).encode()
        };
        Ok(Arc::new(places.unary::<_, Int64Type>(code)))
    }

    /// Takes what one input had of each member.
    pub(crate) fn take(&self, matched: Matched) {
        let mut all = self.matched.lock().unwrap_or_else(PoisonError::into_inner);
        for (code, lines) in matched {
            all.entry(code).or_default().merge(&lines);
        }
    }

    /// Returns the balance of each member; none if reading ended before the lake.
    ///
    /// - `last`: the last input that counts, if not all do.
    ///
    /// # Errors
    ///
    /// If more records of a member matched than it has.
    pub(crate) fn balances(self, last: Option<usize>) -> Result<Vec<MemberBalance>, EngineError> {
        const TOO_MANY: EngineError =
            EngineError::Internal { what: "more records of a lake's member matched than it has" };
        if last.is_some_and(|last| last < self.first) {
            return Ok(Vec::new());
        }
        let mut matched = self.matched.into_inner().unwrap_or_else(PoisonError::into_inner);
        let members = self.members.all().iter().enumerate();
        let balance = |(place, member): (usize, &KeptMember)| {
            let id = MemberId::new(self.first, place);
            let matched = matched.remove(&id.encode()).map_or(0, |lines| lines.count());
            Ok(MemberBalance {
                id,
                file: member.file.clone(),
                member: member.member.clone(),
                format: member.format.clone().into(),
                tables: member.heads.iter().map(|(table, _)| table.clone()).collect(),
                read: member.records,
                matched,
                not_needed: member.records.checked_sub(matched).ok_or(TOO_MANY)?,
                newest: member.times.spans().map(|span| span.newest).max(),
                times: member.times.clone(),
                heads: member.heads.clone(),
                ..MemberBalance::default()
            })
        };
        members.map(balance).collect()
    }
}

/// Takes note of the rows of a batch that a branch wants.
///
/// - `codes`: the codes of their members.
pub(crate) fn note(
    matched: &mut Matched,
    batch: &RecordBatch,
    codes: &ArrayRef,
    wanted: &BooleanArray,
) -> Result<(), EngineError> {
    let what = "kept rows have no lines";
    let lines = batch.columns().last().and_then(|lines| lines.as_primitive_opt::<Int64Type>());
    let lines: &Int64Array = lines.ok_or(EngineError::Internal { what })?;
    let codes: &Int64Array =
        codes.as_primitive_opt::<Int64Type>().ok_or(EngineError::Internal { what })?;
    for row in wanted.values().set_indices() {
        if let Some((code, line)) = codes.values().get(row).zip(lines.values().get(row)) {
            matched.entry(*code).or_default().insert(line.cast_unsigned());
        }
    }
    Ok(())
}
