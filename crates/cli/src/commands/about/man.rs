//! `quarry man`: the manual page.

use std::io::Write;

use clap::{Args, CommandFactory};

use crate::{commands::Cli, error::CommandError, exit::ExitStatus, ui::Ui};

/// Write the manual page of a command
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  quarry man hunt > quarry-hunt.1")]
pub(crate) struct ManArgs {
    /// The subcommand; without it, the page of `quarry` itself
    command: Option<String>,
}

pub(crate) fn run(args: &ManArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut quarry = Cli::command();
    quarry.build();
    let command = match &args.command {
        None => quarry,
        Some(name) => quarry.find_subcommand(name).cloned().ok_or_else(|| {
            CommandError::user(format!("unknown subcommand `{name}`"))
                .with_hint("`quarry --help` lists the subcommands")
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    ui.stdout().write_all(&page)?;
    Ok(ExitStatus::Nothing)
}
