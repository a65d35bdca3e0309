//! Everything that is said: data on stdout, talk on stderr.

pub(crate) mod listing;

use std::{
    io::{self, BufWriter, IsTerminal, StdoutLock, Write},
    sync::OnceLock,
};

use anstyle::{AnsiColor, Effects, Style};
use clap::ValueEnum;
use engine::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kql_syntax::Diagnostic;
use report::TableOptions;

use crate::{error::CommandError, error::ErrorKind, exit::ExitStatus};

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where the command's output goes and how it may look.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    stdout_is_coloured: bool,
    stderr_is_coloured: bool,
    is_quiet: bool,
}

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const NOTE: Style = Style::new().effects(Effects::BOLD);

impl Ui {
    pub(crate) fn new(color: Color, is_quiet: bool) -> Self {
        // A console of Windows has to be asked; one that cannot, gets none.
        let has_colours = anstyle_query::windows::enable_ansi_colors().unwrap_or(true);
        let is_coloured = |is_terminal: bool| match color {
            Color::Auto => is_terminal && has_colours && !no_color(),
            Color::Always => true,
            Color::Never => false,
        };
        Self {
            stdout_is_coloured: is_coloured(io::stdout().is_terminal()),
            stderr_is_coloured: is_coloured(io::stderr().is_terminal()),
            is_quiet,
        }
    }

    /// Returns the writer for data.
    #[expect(clippy::unused_self, reason = "data goes through the one who knows where it goes")]
    pub(crate) fn stdout(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// Returns how tables fit the terminal; without one, lines are as long as they are.
    pub(crate) fn table_options(&self) -> TableOptions {
        let width = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0));
        TableOptions { width, is_coloured: self.stdout_is_coloured, ..TableOptions::default() }
    }

    /// Says something worth knowing, unless asked to be quiet.
    pub(crate) fn note(&self, message: &str) {
        if !self.is_quiet {
            self.say(NOTE, "note", message);
        }
    }

    /// Says that something was lost or may mislead.
    pub(crate) fn warning(&self, message: &str) {
        self.say(WARNING, "warning", message);
    }

    /// Shows diagnostics with the lines they are about.
    pub(crate) fn diagnostics(&self, name: &str, text: &str, diagnostics: &[Diagnostic]) {
        let shown = kql_syntax::render(name, text, diagnostics, self.stderr_is_coloured);
        self.to_stderr(&shown);
    }

    /// Says why the command gave up; returns the exit status.
    pub(crate) fn command_error(&self, error: &CommandError) -> ExitStatus {
        if matches!(error.kind, ErrorKind::User | ErrorKind::System) {
            self.say(ERROR, "error", &error.to_string());
            for cause in error.causes() {
                self.to_stderr(&format!("  caused by: {cause}\n"));
            }
            for hint in &error.hints {
                self.say(NOTE, "help", hint);
            }
        }
        error.exit_status()
    }

    /// Returns a progress bar for the pass over the input: shown on a terminal only.
    pub(crate) fn progress(&self) -> Bar {
        let is_shown = !self.is_quiet && io::stderr().is_terminal();
        Bar { is_shown, bar: OnceLock::new() }
    }

    fn say(&self, style: Style, label: &str, message: &str) {
        let style = if self.stderr_is_coloured { style } else { Style::new() };
        self.to_stderr(&format!("{style}{label}{style:#}: {message}\n"));
    }

    /// Writes to stderr; if nobody can read it, there is nobody to tell.
    #[expect(clippy::unused_self, reason = "talk goes through the one who knows where it goes")]
    fn to_stderr(&self, text: &str) {
        let _nobody_reads = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// A progress bar with rate and time left.
pub(crate) struct Bar {
    is_shown: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress for Bar {
    fn start(&self, total_bytes: u64) {
        if !self.is_shown {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(total_bytes), ProgressDrawTarget::stderr());
        // An invalid template is a programming error; the default style then serves.
        if let Ok(style) = ProgressStyle::with_template(
            "reading {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        ) {
            bar.set_style(style);
        }
        let _already_started = self.bar.set(bar);
    }

    fn advance(&self, bytes: u64) {
        if let Some(bar) = self.bar.get() {
            bar.inc(bytes);
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// Source: <https://no-color.org>, any value but the empty one.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
