//! What the service says while it runs: lines on standard error, for people or for machines.

use std::io;

use clap::{Args, ValueEnum};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::error::{CommandError, ErrorKind};

/// Crates of Quarry's that log.
const OWN: [&str; 3] = ["service", "watch", "lake"];

/// What is logged, and how.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Logs, on standard error")]
pub(super) struct LogArgs {
    /// How to write lines: for people, or an object of JSON each
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: Form,

    /// What to write: `debug` has each request, with who asked
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    log_level: Level,
}

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Time, level, where, what
    #[default]
    Text,
    /// `timestamp`, `level`, `target`, `fields`
    Json,
}

/// From which level on lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Only what failed
    Error,
    /// What somebody should look at, too
    Warn,
    /// What happens, too
    #[default]
    Info,
    /// Each request, too
    Debug,
}

impl LogArgs {
    /// Begins to write.
    pub(super) fn begin(self) -> Result<(), CommandError> {
        let level = match self.log_level {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
        };
        // What libraries say of their work is for those who work on them.
        let others = level.min(LevelFilter::WARN);
        let own = OWN.map(|name| (name, level));
        let wanted = Targets::new().with_targets(own).with_default(others);
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let lines = match self.log_format {
            Form::Text => lines.with_ansi(false).boxed(),
            Form::Json => lines.json().boxed(),
        };
        let begun = tracing_subscriber::registry().with(lines.with_filter(wanted)).try_init();
        begun.map_err(|error| CommandError::new(ErrorKind::System, error))
    }
}
