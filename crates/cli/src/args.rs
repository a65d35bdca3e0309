//! Arguments that several commands have.

pub(crate) mod given;
pub(crate) mod lake;
pub(crate) mod memory;
pub(crate) mod state;
pub(crate) mod workers;

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;
use kql_types::Ticks;
use report::CsvOptions;

use self::memory::Memory;
use crate::clock;

/// How CSV is written.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct CsvArgs {
    /// Write CSV as the data is, without the guard against formulas
    ///
    /// Text that a spreadsheet would run as a formula otherwise has an apostrophe and a tab in front.
    /// Quarry takes them away again when it reads CSV.
    #[arg(long)]
    csv_raw: bool,
}

impl CsvArgs {
    /// Returns what the writer of CSV is told.
    pub(crate) const fn options(self) -> CsvOptions {
        CsvOptions { guards_formulas: !self.csv_raw }
    }
}

/// What commands that run queries have in common.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// What `now()` is, in UTC: `2024-05-01T12:00:00Z`, or a date
    #[arg(long, value_name = "TIME", value_parser = clock::parse)]
    pub(crate) now: Option<Ticks>,

    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// What commands that read telemetry have in common.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Look for event log records in any file: raw images, memory dumps, slack
    ///
    /// Files of no known format are searched for chunks of event logs, wherever they start, and
    /// event logs past their end. A record that is there twice is read twice.
    #[arg(long)]
    pub(crate) carve: bool,

    /// Memory that rows may take: `512M`, `4G`
    ///
    /// Above it, rows go to temporary files; what cannot, one group's list for example, ends the
    /// query with an error. 1G unless said otherwise.
    #[arg(long, value_name = "SIZE", value_parser = memory::parse)]
    pub(crate) memory: Option<Memory>,

    /// Use so many threads, else as many as the machine has cores; results are the same
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Write the balance of records, file by file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,
}
