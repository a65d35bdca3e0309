//! `quarry completions`: what a shell needs to complete the command line.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{commands::Cli, error::CommandError, exit::ExitStatus, ui::Ui};

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  quarry completions bash > /etc/bash_completion.d/quarry")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "quarry", &mut script);
    ui.stdout().write_all(&script)?;
    Ok(ExitStatus::Nothing)
}
