//! `quarry ingest`: files into a lake, each once.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use engine::{Environment, Input, Progress};
use lake::{Ingest, Ingested, Lake, LakeAddress, LedgerRow, Observe, Offer};
use serde::Serialize;
use sources::ScanRequest;

use super::part::PartArgs;
use crate::{
    args::ReadArgs,
    clock,
    error::CommandError,
    exit::ExitStatus,
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    stores,
    ui::{Bar, Ui},
    whole,
};

/// Put files and folders into a lake
///
/// A lake is a folder, or the address of an object store, with a Delta Lake table for each table of
/// telemetry: Windows events with all that they hold, exports of Defender's and Sentinel's tables. Other
/// tools read it as it is. A file is in once, however often it is offered: what it holds decides, not its
/// name. The account of every file is the table `LakeInput` of the lake.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry ingest --lake lake /mnt/image/Windows/System32/winevt/Logs exports/
  quarry ingest --lake s3://bucket/lake evidence.zip
  quarry ingest --lake lake --slice 2/8 evidence/
  quarry ingest --lake s3://bucket/lake --shared case-42 evidence/     (on each machine)
  quarry hunt --lake lake

Exit status: 0 all is in, 2 usage or input error, 3 finished but some input was unreadable.")]
pub(crate) struct IngestArgs {
    /// Files, folders and archives; `-` for stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The lake; a folder is made if there is none
    #[arg(long, value_name = "DIR|URL")]
    lake: String,

    #[command(flatten)]
    part: PartArgs,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

pub(crate) fn run(args: &IngestArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let address = LakeAddress::parse(&args.lake)?;
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { environment, times } = load_project(builtin, &args.project)?;
    let fields = engine::event_fields(&environment).map_err(|diagnostics| {
        ui.diagnostics("views", "", &diagnostics);
        CommandError::reported()
    })?;
    let (found, before) = inputs::find(&args.paths)?;
    let settings = inputs::settings_of(&args.read, &args.export, times);
    let inputs = found.into_iter().map(|input| match input {
        Input::Stdin => lake::spooled(input.path(), io::stdin().lock(), &settings.spill_folder),
        input => Ok(input),
    });
    let inputs: Vec<Input> = inputs.collect::<io::Result<_>>()?;
    let known = environment.known();
    let lake = Lake::open_or_create(&address, &stores::settings())?;
    let ingest = Ingest {
        lake: &lake,
        known: &known,
        fields: &fields,
        reading: ScanRequest {
            carve: settings.carve,
            local_offset: settings.local_offset,
            passwords: settings.passwords.clone(),
            date_order: settings.date_order,
            ..ScanRequest::default()
        },
        threads: settings.threads,
        memory_bytes: settings.staging_bytes,
        now: clock::now(),
    };
    let progress = Observed(ui.progress());
    progress.0.start(inputs.iter().map(Input::stored_bytes).fold(0, u64::saturating_add));
    let offers: Vec<Offer> = inputs.into_iter().map(Offer::from).collect();
    let ingested = args.part.ingest(&ingest, offers, &progress)?;
    progress.0.finish();
    inputs::tell_problems(ui, before.iter().chain(&ingested.problems));
    tell_losses(ui, &ingested.rows);
    tell_outcome(ui, &lake, &ingested);
    if let Some(path) = &args.read.stats {
        write_stats(path, &ingested)?;
    }
    Ok(ExitStatus::of_run(before.is_empty() && ingested.is_whole, false))
}

struct Observed(Bar);

impl Observe for Observed {
    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }
}

/// Says what records that are in have lost, and what of their files was left out.
fn tell_losses(ui: &Ui, rows: &[LedgerRow]) {
    for row in rows {
        let place = match &row.member {
            Some(member) => format!("{} > {member}", row.file),
            None => row.file.clone(),
        };
        for loss in &row.losses {
            let noun = if loss.count == 1 { "time" } else { "times" };
            let first = loss.first.map(|first| format!(", first in record {first}"));
            let example =
                Some(format!(": `{}`", loss.example)).filter(|_| !loss.example.is_empty());
            ui.warning(&format!(
                "{place}: {cause} ({count} {noun}{first}{example})",
                cause = loss.reason,
                count = loss.count,
                first = first.unwrap_or_default(),
                example = example.unwrap_or_default(),
            ));
        }
        if !row.ignored_columns.is_empty() {
            let columns: Vec<String> =
                row.ignored_columns.iter().map(|name| format!("`{name}`")).collect();
            let tables: Vec<&str> = row.heads.keys().map(String::as_str).collect();
            ui.warning(&format!(
                "{place}: left out, as {tables} has no such column: {columns}",
                tables = tables.join(", "),
                columns = columns.join(", "),
            ));
        }
        if !row.assumed_utc.is_empty() {
            ui.warning(&format!(
                "{place}: {columns} without a time zone, read as UTC; `--time-zone +02:00`, for \
                 example, says otherwise",
                columns = row.assumed_utc.join(", "),
            ));
        }
    }
}

fn tell_outcome(ui: &Ui, lake: &Lake, ingested: &Ingested) {
    for (path, known) in &ingested.known {
        let path = engine::path_text(path);
        if path != *known {
            ui.note(&format!("{path}: in already, as {known}"));
        }
    }
    let tables: Vec<String> =
        ingested.tables.iter().map(|(table, rows)| format!("{rows} of {table}")).collect();
    let tables = if tables.is_empty() { "none".to_owned() } else { tables.join(", ") };
    let files = ingested.rows.iter().filter(|row| row.place == 0).count();
    let rejected = ingested.rows.iter().map(|row| row.rejected).fold(0, u64::saturating_add);
    ui.note(&format!(
        "{address}: rows added: {tables}; {files} {noun} read, {known} in already, {rejected} records \
         rejected",
        address = lake.address(),
        noun = if files == 1 { "file" } else { "files" },
        known = ingested.known.len(),
    ));
}

/// What came in, as JSON.
#[derive(Serialize)]
struct Stats<'a> {
    tables: &'a BTreeMap<String, u64>,
    members: Vec<Member<'a>>,
    /// Files that were in already, and under which path.
    known: Vec<(String, &'a str)>,
    problems: Vec<String>,
}

/// A file, or a member of an archive.
#[derive(Serialize)]
struct Member<'a> {
    file: &'a str,
    #[serde(rename = "member")]
    name: Option<&'a str>,
    format: &'a str,
    tables: Vec<&'a str>,
    read: u64,
    stored: u64,
    rejected: u64,
    reasons: &'a [lake::Reason],
    losses: &'a [lake::Reason],
}

fn write_stats(path: &Path, ingested: &Ingested) -> Result<(), CommandError> {
    let members = ingested.rows.iter().map(|row| Member {
        file: &row.file,
        name: row.member.as_deref(),
        format: &row.format,
        tables: row.heads.keys().map(String::as_str).collect(),
        read: row.read,
        stored: row.stored,
        rejected: row.rejected,
        reasons: &row.reasons,
        losses: &row.losses,
    });
    let known = ingested.known.iter();
    let stats = Stats {
        tables: &ingested.tables,
        members: members.collect(),
        known: known.map(|(path, known)| (engine::path_text(path), known.as_str())).collect(),
        problems: ingested.problems.iter().map(ToString::to_string).collect(),
    };
    whole::write(path, |out| {
        serde_json::to_writer_pretty(&mut *out, &stats).map_err(io::Error::from)?;
        Ok(())
    })
}
