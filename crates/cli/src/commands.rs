//! The subcommands: one file each, and the list.

pub(crate) mod about;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod hunt;
pub(crate) mod import;
pub(crate) mod investigate;
pub(crate) mod query;
pub(crate) mod simulate;
pub(crate) mod tables;
pub(crate) mod test;
pub(crate) mod tune;
pub(crate) mod validate;
pub(crate) mod verify;

use crate::{args::Command, error::CommandError, exit::ExitStatus, ui::Ui};

/// Runs a subcommand.
pub(crate) fn run(command: Command, ui: &Ui) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Hunt(args) => hunt::run(&args, ui),
        Command::Simulate(args) => simulate::run(&args, ui),
        Command::Investigate(args) => investigate::run(&args, ui),
        Command::Test(args) => test::run(&args, ui),
        Command::Validate(args) => validate::run(&args, ui),
        Command::Tune(args) => tune::run(&args, ui),
        Command::Query(args) => query::run(args, ui),
        Command::Check(args) => check::run(&args, ui),
        Command::Explain(args) => explain::run(&args, ui),
        Command::Fmt(args) => fmt::run(&args, ui),
        Command::Export(args) => export::run(&args, ui),
        Command::Import(args) => import::run(&args, ui),
        Command::Verify(args) => verify::run(&args, ui),
        Command::Tables(args) => tables::run(&args, ui),
        Command::Completions(args) => about::completions::run(&args, ui),
        Command::Man(args) => about::man::run(&args, ui),
    }
}
