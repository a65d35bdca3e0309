//! From the paths on the command line to the engine's inputs and settings.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use engine::{
    Balance, Input, MemberBalance, Passwords, Place, Problem, Room, Settings, discover,
    discover_objects, is_object_url,
};
use kql_types::datetime;

use crate::{
    args::{ReadArgs, lake::LakeArgs, memory::Memory},
    error::CommandError,
    project::{ExportArgs, LocalTimes},
    stores,
    ui::Ui,
};

/// Problems of one file that are told one by one.
const TOLD: usize = 3;

/// Returns the limits of a run on this machine.
pub(crate) fn settings() -> Settings {
    settings_with(Memory::default())
}

/// Returns the limits of a run on this machine with so much memory.
pub(crate) fn settings_with(memory: Memory) -> Settings {
    Settings {
        threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        staging_bytes: memory.staging_bytes(),
        operator_bytes: memory.operator_bytes(),
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: Passwords::default(),
        date_order: None,
    }
}

/// Returns what the user's lists may take on this machine with so much memory.
pub(crate) fn room(memory: Memory) -> Room {
    Room::new(memory.given_bytes(), std::env::temp_dir())
}

/// Returns the limits of a run for which the command line has its say.
pub(crate) fn settings_of(args: &ReadArgs, export: &ExportArgs, project: LocalTimes) -> Settings {
    let times = export.over(project);
    let of_machine = settings_with(args.memory.unwrap_or_default());
    Settings {
        threads: args.threads.unwrap_or(of_machine.threads),
        carve: args.carve,
        local_offset: times.offset,
        date_order: times.date_order,
        passwords: export.archives.passwords(),
        ..of_machine
    }
}

/// Finds the files and objects below the paths. Some must be there; what stands in the way is
/// returned beside.
pub(crate) fn find(paths: &[PathBuf]) -> Result<(Vec<Input>, Vec<Problem>), CommandError> {
    let mut discovery = engine::Discovery::default();
    for path in paths {
        let found = match path.to_str().filter(|text| is_object_url(text)) {
            Some(address) => discover_objects(address, &stores::settings()),
            None => discover(std::slice::from_ref(path)),
        };
        discovery.inputs.extend(found.inputs);
        discovery.problems.extend(found.problems);
    }
    match (discovery.inputs.is_empty(), discovery.problems.first()) {
        (true, Some(problem)) => Err(CommandError::user(problem.to_string())),
        _ => Ok((discovery.inputs, discovery.problems)),
    }
}

/// Finds the files and objects below the paths, and those of a lake behind them. Some must be there, of files
/// or of the lake.
///
/// - `needs_ledger`: whether the account of what was ingested is read too.
pub(crate) fn find_with_lake(
    paths: &[PathBuf],
    lake: &LakeArgs,
    needs_ledger: bool,
) -> Result<(Vec<Input>, Vec<Problem>), CommandError> {
    let Some(opened) = lake.open()? else { return find(paths) };
    let (mut inputs, before) = if paths.is_empty() { Default::default() } else { find(paths)? };
    inputs.extend(opened.inputs(lake.as_of)?);
    if needs_ledger {
        inputs.extend(opened.ledger_inputs()?);
    }
    Ok((inputs, before))
}

/// Says what a run could not read, what it has read without knowing all about it, and what was lost.
pub(crate) fn tell(ui: &Ui, before: &[Problem], balance: &Balance) {
    tell_problems(ui, before.iter().chain(&balance.problems));
    tell_local_times(ui, balance);
    tell_losses(ui, balance);
}

/// Says which columns have times whose zone nobody knows, and were read as UTC.
fn tell_local_times(ui: &Ui, balance: &Balance) {
    for member in balance.members.iter().filter(|member| !member.assumed_utc.is_empty()) {
        ui.warning(&format!(
            "{file}: {columns} without a time zone, read as UTC; `--time-zone +02:00`, for example, \
             says otherwise",
            file = place(member),
            columns = member.assumed_utc.join(", "),
        ));
    }
}

/// Says which records were left out of what `now()` is, since their clock was wrong.
pub(crate) fn tell_wrong_times(ui: &Ui, balance: &Balance) {
    for wrong in balance.newest().1 {
        let Some(member) = balance.member(wrong.member) else { continue };
        let place = Place {
            file: member.file.clone(),
            member: member.member.clone(),
            line: wrong.line,
            offset: None,
        };
        let records = match wrong.records {
            1 => "a record".to_owned(),
            records => format!("{records} records"),
        };
        ui.warning(&format!(
            "{place}: the time {time} of {records} is long after all others: left out of what `now()` \
             is; `--now` decides",
            time = datetime::format_json(wrong.time),
        ));
    }
}

/// Says what records that were read have lost, and which columns were left out: a line for each
/// file and cause.
fn tell_losses(ui: &Ui, balance: &Balance) {
    for member in &balance.members {
        for text in losses_of(member) {
            ui.warning(&text);
        }
        if let Some(text) = ignored_columns_of(member) {
            ui.warning(&text);
        }
    }
}

/// Returns what the records of a file or member have lost, a text for each cause.
pub(crate) fn losses_of(member: &MemberBalance) -> Vec<String> {
    let place = place(member);
    let text = |(cause, loss): (&engine::Cause, &engine::Loss)| {
        let noun = if loss.count == 1 { "time" } else { "times" };
        let example = match loss.example.as_str() {
            "" => String::new(),
            example => format!(": `{example}`"),
        };
        format!(
            "{place}: {cause} ({count} {noun}, first in record {first}{example})",
            count = loss.count,
            first = loss.first
        )
    };
    member.losses.iter().map(text).collect()
}

/// Returns which columns of an export were left out, if any.
///
/// They do not show in the exit status: every column that the table has was read.
pub(crate) fn ignored_columns_of(member: &MemberBalance) -> Option<String> {
    let place = place(member);
    let columns: Vec<String> =
        member.ignored_columns.iter().map(|name| format!("`{name}`")).collect();
    (!columns.is_empty()).then(|| {
        format!(
            "{place}: left out, as {tables} has no such column: {columns}",
            tables = member.tables.join(", "),
            columns = columns.join(", ")
        )
    })
}

fn place(member: &MemberBalance) -> String {
    match &member.member {
        Some(name) => format!("{} > {name}", member.file.display()),
        None => member.file.display().to_string(),
    }
}

/// Says what could not be read: of each file the first few problems, and how many more there are.
pub(crate) fn tell_problems<'a>(ui: &Ui, problems: impl Iterator<Item = &'a Problem>) {
    let mut of_file: BTreeMap<&Path, usize> = BTreeMap::new();
    let mut last: Option<&Path> = None;
    for problem in problems {
        let file = problem.place.file.as_path();
        if last.is_some_and(|last| last != file) {
            tell_rest(ui, last, &of_file);
        }
        last = Some(file);
        let count = of_file.entry(file).or_default();
        *count = count.saturating_add(1);
        if *count <= TOLD {
            ui.warning(&problem.to_string());
        }
    }
    tell_rest(ui, last, &of_file);
}

fn tell_rest(ui: &Ui, file: Option<&Path>, of_file: &BTreeMap<&Path, usize>) {
    let Some(file) = file else { return };
    let more = of_file.get(file).map_or(0, |count| count.saturating_sub(TOLD));
    if more > 0 {
        let file = file.display();
        ui.warning(&format!("{file}: {more} more problems; `--stats FILE` writes them all"));
    }
}
