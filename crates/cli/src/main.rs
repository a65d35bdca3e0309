//! The `quarry` binary: reads the command line, runs one subcommand, turns its outcome into an exit
//! status. The only crate that prints, reads the environment or asks the time.

mod args;
mod baseline;
mod clock;
mod commands;
mod error;
mod exit;
mod findings;
mod inputs;
mod project;
mod rules;
mod stats;
mod stores;
mod tuning;
mod ui;
mod whole;

use std::process::ExitCode;

use clap::Parser;

use crate::{commands::Cli, ui::Ui};

fn main() -> ExitCode {
    // Shells of Windows leave `*.kql` to the program; elsewhere this is what the system says.
    let cli = Cli::parse_from(wild::args_os());
    let ui = Ui::new(cli.color, cli.quiet);
    match commands::run(cli.command, &ui) {
        Ok(status) if cli.exit_zero => status.or_zero().into(),
        Ok(status) => status.into(),
        Err(error) => ui.command_error(&error).into(),
    }
}
