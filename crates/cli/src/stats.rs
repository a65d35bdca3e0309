//! The record balance of a run: one line for people, JSON for machines.

use std::path::Path;

use engine::{Balance, Losses, MemberBalance, Problem};
use kql_types::datetime;
use serde::Serialize;

use crate::{error::CommandError, findings::unfilled::Unfilled, whole};

/// The balance as JSON.
#[derive(Serialize)]
struct Stats<'a> {
    total: Counts,
    stopped_early: bool,
    members: Vec<Member<'a>>,
    problems: Vec<Trouble<'a>>,
    /// Columns that rules read and nothing in the input fills.
    unfilled: &'a [Unfilled],
}

/// Where records went: `read` is the sum of the next three; `duplicates` are among `not_needed`.
#[derive(Serialize)]
struct Counts {
    read: u64,
    matched: u64,
    not_needed: u64,
    rejected: u64,
    duplicates: u64,
}

#[derive(Serialize)]
struct Member<'a> {
    file: String,
    #[serde(rename = "member")]
    name: Option<&'a str>,
    format: &'a str,
    tables: &'a [String],
    newest: Option<String>,
    #[serde(flatten)]
    counts: Counts,
    losses: Vec<LossOfMember<'a>>,
    ignored_columns: &'a [String],
    assumed_utc: &'a [String],
}

/// What records that were read have lost.
#[derive(Serialize)]
struct LossOfMember<'a> {
    cause: String,
    count: u64,
    first_record: u64,
    example: &'a str,
}

#[derive(Serialize)]
struct Trouble<'a> {
    file: String,
    member: Option<&'a str>,
    line: Option<u64>,
    offset: Option<u64>,
    message: String,
}

/// Returns the balance in one line.
pub(crate) fn summary(balance: &Balance) -> String {
    let total = balance.total();
    let files = balance.members.len();
    let duplicates = match total.duplicates {
        0 => String::new(),
        duplicates => format!(" ({duplicates} of them duplicates)"),
    };
    format!(
        "{read} records in {files} {noun}: {matched} matched, {not_needed} not needed{duplicates}, \
         {rejected} rejected",
        read = total.read,
        noun = if files == 1 { "file" } else { "files" },
        matched = total.matched,
        not_needed = total.not_needed,
        rejected = total.rejected,
    )
}

/// Writes the balance to a file; `before` are the problems met before anything was read.
pub(crate) fn write(
    path: &Path,
    balance: &Balance,
    before: &[Problem],
    unfilled: &[Unfilled],
) -> Result<(), CommandError> {
    let stats = Stats {
        total: counts(&balance.total()),
        stopped_early: balance.stopped_early,
        members: balance.members.iter().map(member).collect(),
        problems: before.iter().chain(&balance.problems).map(trouble).collect(),
        unfilled,
    };
    let mut json = serde_json::to_vec_pretty(&stats).map_err(CommandError::user)?;
    json.push(b'\n');
    whole::write_bytes(path, &json)
}

fn counts(balance: &MemberBalance) -> Counts {
    Counts {
        read: balance.read,
        matched: balance.matched,
        not_needed: balance.not_needed,
        rejected: balance.rejected,
        duplicates: balance.duplicates,
    }
}

fn member(balance: &MemberBalance) -> Member<'_> {
    Member {
        file: engine::path_text(&balance.file),
        name: balance.member.as_deref(),
        format: &balance.format,
        tables: &balance.tables,
        newest: balance.newest.map(|newest| datetime::format(newest).to_string()),
        counts: counts(balance),
        losses: losses(&balance.losses),
        ignored_columns: &balance.ignored_columns,
        assumed_utc: &balance.assumed_utc,
    }
}

fn losses(losses: &Losses) -> Vec<LossOfMember<'_>> {
    losses.iter().map(|(cause, loss)| loss_of_cause(cause, loss)).collect()
}

fn loss_of_cause<'a>(cause: &engine::Cause, loss: &'a engine::Loss) -> LossOfMember<'a> {
    LossOfMember {
        cause: cause.to_string(),
        count: loss.count,
        first_record: loss.first,
        example: &loss.example,
    }
}

fn trouble(problem: &Problem) -> Trouble<'_> {
    Trouble {
        file: engine::path_text(&problem.place.file),
        member: problem.place.member.as_deref(),
        line: problem.place.line,
        offset: problem.place.offset,
        message: problem.reason.to_string(),
    }
}
