//! `quarry lake`: a lake kept in shape.

pub(crate) mod ingest;
mod part;

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use clap::{Args, Subcommand};
use kql_types::{KqlType, Ticks, timespan};
use lake::{Lake, LakeAddress, TableSize};
use report::Format;

use crate::{
    clock,
    error::CommandError,
    exit::ExitStatus,
    stores,
    ui::{Ui, listing},
};

/// Show what a lake has, and keep it in shape
///
/// All of it is safe beside those who ingest and read, and beside each other.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry lake sizes lake
  quarry lake compact lake
  quarry lake retain --days 90 lake
  quarry lake vacuum lake
  quarry lake check lake

Exit status: 0 done, 1 `check` found something wrong, 2 usage or input error.")]
pub(crate) struct LakeArgs {
    #[command(subcommand)]
    task: Task,
}

/// What is done.
#[derive(Debug, Subcommand)]
enum Task {
    /// Show rows, files, bytes and days of each table
    Sizes(SizesArgs),
    /// Put small files of each day together
    ///
    /// Ingesting little at a time leaves many small files. Their rows stay as they are; the old files stay
    /// until `vacuum` deletes them.
    Compact(PlaceArgs),
    /// Remove the rows of old days
    ///
    /// The account of the files that they were in stays, and those count as ingested.
    Retain(RetainArgs),
    /// Delete files that no table has any more
    Vacuum(VacuumArgs),
    /// Read all rows and compare them with what the lake says of itself
    Check(PlaceArgs),
}

/// A lake.
#[derive(Debug, Args)]
struct PlaceArgs {
    /// A folder, or the address of an object store
    #[arg(value_name = "DIR|URL")]
    lake: String,
}

#[derive(Debug, Args)]
struct SizesArgs {
    #[command(flatten)]
    place: PlaceArgs,

    /// How to write the list
    #[arg(long, default_value_t = Format::Table, value_name = "table|json|jsonl|csv")]
    format: Format,
}

#[derive(Debug, Args)]
struct RetainArgs {
    #[command(flatten)]
    place: PlaceArgs,

    /// Keep today, UTC, and so many days before it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..=3_650_000))]
    days: i64,

    /// What today is: a UTC time, or a date
    #[arg(long, value_name = "TIME", value_parser = clock::parse)]
    now: Option<Ticks>,
}

#[derive(Debug, Args)]
struct VacuumArgs {
    #[command(flatten)]
    place: PlaceArgs,

    /// Delete what no table has had for so many hours
    ///
    /// Less than the longest run over the lake, or the longest ingestion, takes may cost these their files.
    #[arg(long, value_name = "N", default_value_t = 168, value_parser = clap::value_parser!(i64).range(0..=87_600_000))]
    hours: i64,

    /// Only say how many files would be deleted
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &LakeArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    match &args.task {
        Task::Sizes(args) => sizes(args, ui),
        Task::Compact(place) => {
            for table in place.open_to_write()?.compact(clock::now())? {
                let lake::Compacted { table, before, after } = table;
                ui.note(&format!("{table}: {before} files, now {after}"));
            }
            Ok(ExitStatus::Nothing)
        }
        Task::Retain(args) => {
            let now = args.now.unwrap_or_else(clock::now);
            let span = args.days.checked_mul(timespan::DAY);
            let from = span.and_then(|span| now.checked_sub(span)).filter(|from| *from >= 0);
            let from = from.ok_or_else(|| CommandError::user("no day is so long ago"))?;
            for table in args.place.open_to_write()?.retain(from)? {
                let lake::Retained { table, files, rows } = table;
                ui.note(&format!("{table}: {rows} rows in {files} files removed"));
            }
            Ok(ExitStatus::Nothing)
        }
        Task::Vacuum(args) => {
            let age = args.hours.saturating_mul(timespan::HOUR);
            for table in args.place.open_to_write()?.vacuum(age, args.dry_run)? {
                let lake::Vacuumed { table, files } = table;
                let what = if args.dry_run { "would be deleted" } else { "deleted" };
                ui.note(&format!("{table}: {files} files {what}"));
            }
            Ok(ExitStatus::Nothing)
        }
        Task::Check(place) => check(place, ui),
    }
}

impl PlaceArgs {
    fn open(&self) -> Result<Lake, CommandError> {
        let address = LakeAddress::parse(&self.lake)?;
        Ok(Lake::open(&address, &stores::settings())?)
    }

    /// Opens the lake, if there is one, and finishes what others began and did not finish.
    fn open_to_write(&self) -> Result<Lake, CommandError> {
        drop(self.open()?);
        let address = LakeAddress::parse(&self.lake)?;
        Ok(Lake::open_or_create(&address, &stores::settings())?)
    }
}

fn sizes(args: &SizesArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let sizes = args.place.open()?.sizes()?;
    let texts = |of: &dyn Fn(&TableSize) -> String| listing::texts(sizes.iter().map(of));
    let numbers = |of: &dyn Fn(&TableSize) -> u64| -> ArrayRef {
        let number = |size| i64::try_from(of(size)).unwrap_or(i64::MAX);
        Arc::new(sizes.iter().map(number).collect::<Int64Array>())
    };
    let day = |last: bool| {
        move |size: &TableSize| {
            let days = size.days.clone().map(|(from, to)| if last { to } else { from });
            days.unwrap_or_default()
        }
    };
    let rows = listing::of(vec![
        ("Table", KqlType::String, texts(&|size| size.table.clone())),
        ("Rows", KqlType::Long, numbers(&|size| size.rows)),
        ("Files", KqlType::Long, numbers(&|size| size.files)),
        ("Bytes", KqlType::Long, numbers(&|size| size.bytes)),
        ("FirstDay", KqlType::String, texts(&day(false))),
        ("LastDay", KqlType::String, texts(&day(true))),
    ]);
    listing::write(rows, args.format, ui)?;
    Ok(ExitStatus::Nothing)
}

fn check(place: &PlaceArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let checked = place.open()?.check()?;
    for finding in &checked.findings {
        ui.warning(&format!("{}: {}", finding.place, finding.what));
    }
    if checked.unfinished > 0 {
        ui.note(&format!(
            "{} groups of files were begun and not finished; the next `quarry ingest` finishes them",
            checked.unfinished
        ));
    }
    if checked.absent > 0 {
        ui.note(&format!(
            "{} rows that were ingested are not there: removed by `retain`, or lost",
            checked.absent
        ));
    }
    ui.note(&format!("{} rows read, {} findings", checked.rows, checked.findings.len()));
    let is_found = !checked.findings.is_empty();
    Ok(if is_found { ExitStatus::Findings } else { ExitStatus::Nothing })
}
