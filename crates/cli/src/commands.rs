//! The command line: the subcommands, one file each, and the list.

pub(crate) mod about;
pub(crate) mod check;
pub(crate) mod editing;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod hunt;
pub(crate) mod import;
pub(crate) mod investigate;
pub(crate) mod lake;
pub(crate) mod package;
pub(crate) mod query;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod tables;
pub(crate) mod verify;

use clap::{Parser, Subcommand};

use crate::{
    error::CommandError,
    exit::ExitStatus,
    ui::{Color, Ui},
};

/// Run Sentinel and Defender detections where the telemetry is
#[derive(Debug, Parser)]
#[command(
    name = "quarry",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 nothing found, 1 findings, 2 usage, query or input error, \
                  3 finished but some input was unreadable, 4 finished but some rules did not run. \
                  Of several the first of 2, 4, 3, 1 holds."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,

    /// Say nothing but results, warnings and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Exit with 0 even if something is found
    #[arg(long, global = true)]
    pub(crate) exit_zero: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Hunt(hunt::HuntArgs),
    Simulate(simulate::SimulateArgs),
    Investigate(investigate::InvestigateArgs),
    Test(package::test::TestArgs),
    Validate(package::validate::ValidateArgs),
    Pages(package::pages::PagesArgs),
    Tune(package::tune::TuneArgs),
    Query(query::QueryArgs),
    Serve(serve::ServeArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Fmt(editing::fmt::FmtArgs),
    Lsp(editing::lsp::LspArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Ingest(lake::ingest::IngestArgs),
    Lake(lake::LakeArgs),
    Token(serve::token::TokenArgs),
    Verify(verify::VerifyArgs),
    Worker(serve::worker::WorkerArgs),
    Tables(tables::TablesArgs),
    Doctor(about::doctor::DoctorArgs),
    Completions(about::completions::CompletionsArgs),
    Man(about::man::ManArgs),
}

/// Runs a subcommand.
pub(crate) fn run(command: Command, ui: &Ui) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Hunt(args) => hunt::run(&args, ui),
        Command::Simulate(args) => simulate::run(&args, ui),
        Command::Investigate(args) => investigate::run(&args, ui),
        Command::Test(args) => package::test::run(&args, ui),
        Command::Validate(args) => package::validate::run(&args, ui),
        Command::Pages(args) => package::pages::run(&args, ui),
        Command::Tune(args) => package::tune::run(&args, ui),
        Command::Query(args) => query::run(args, ui),
        Command::Serve(args) => serve::run(args, ui),
        Command::Check(args) => check::run(&args, ui),
        Command::Explain(args) => explain::run(&args, ui),
        Command::Fmt(args) => editing::fmt::run(&args, ui),
        Command::Lsp(args) => editing::lsp::run(&args, ui),
        Command::Export(args) => export::run(&args, ui),
        Command::Import(args) => import::run(&args, ui),
        Command::Ingest(args) => lake::ingest::run(&args, ui),
        Command::Lake(args) => lake::run(&args, ui),
        Command::Token(args) => serve::token::run(&args, ui),
        Command::Verify(args) => verify::run(&args, ui),
        Command::Worker(args) => serve::worker::run(&args, ui),
        Command::Tables(args) => tables::run(&args, ui),
        Command::Doctor(args) => about::doctor::run(&args, ui),
        Command::Completions(args) => about::completions::run(&args, ui),
        Command::Man(args) => about::man::run(&args, ui),
    }
}
