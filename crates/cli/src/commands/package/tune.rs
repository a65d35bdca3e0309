//! `quarry tune`: exceptions that everyday telemetry suggests.

use std::{io::Write, path::PathBuf};

use clap::Args;
use detection::{
    CompiledRules, Package, When,
    tuning::proposal::{self, Proposal},
};
use engine::{Engine, Environment};

use crate::{clock, error::CommandError, exit::ExitStatus, inputs, tuning, ui::Ui};

/// Propose exceptions from telemetry in which nothing bad happened
///
/// Hunts the input with the package's watchlists in force, and proposes for what is left an entry of
/// two attributes for each account and source, service and program, and so on. The proposals are
/// written as a watchlist; with each, on stderr, what it would have hidden. They lack an owner, a
/// ticket and an end, and are refused until somebody has filled these in.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry tune quiet-week/ > ours.csv
  quarry test --exceptions ours.csv
  quarry hunt --exceptions ours.csv logs/

Exit status: 0 nothing to propose, 1 proposals, 2 usage, rule or input error, 3 finished but some input \
was unreadable.")]
pub(crate) struct TuneArgs {
    /// Files, folders and archives
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Use the rules of a package's folder
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// Exceptions that are there already (can be repeated)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,
}

/// Alerts that are told for each proposal.
const TOLD: usize = 3;

pub(crate) fn run(args: &TuneArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let package = match &args.package {
        Some(folder) => Package::load(folder)?,
        None => Package::builtin()?,
    };
    let tuning = tuning::load(&package, &args.exceptions, clock::now())?;
    tuning::warn_of_expired(ui, &tuning);
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, inputs::settings())?;
    let (compiled, refused) =
        CompiledRules::compile(&package.rules, &environment, engine.threads());
    if let Some(refused) = refused.first() {
        let path = refused.rule.path.display();
        return Err(CommandError::user(format!("{path}: the rule does not run"))
            .with_hint("`quarry check --runnable` says why"));
    }
    let (inputs, before) = inputs::find(&args.paths)?;
    let found = detection::hunt(&engine, &compiled, &[], &inputs, When::History, &ui.progress())?;
    let all_ran = found.failed.is_empty();
    for failed in &found.failed {
        ui.warning(&format!("a rule of the package failed: {}", failed.error));
    }
    let tuned = tuning.apply(found.alerts);
    let (proposals, without) = proposal::propose(&tuned.alerts);
    let mut stdout = ui.stdout();
    writeln!(stdout, "{}", proposal::HEAD)?;
    for proposal in &proposals {
        writeln!(stdout, "{}", proposal.to_csv())?;
    }
    stdout.flush()?;
    for proposal in &proposals {
        tell(ui, proposal);
    }
    if !without.is_empty() {
        let count = without.len();
        ui.note(&format!(
            "{count} alerts name no two attributes, so that there can be no entry for them"
        ));
    }
    let balance = found.run.balance();
    inputs::tell(ui, &before, balance);
    let status = ExitStatus::of_run(before.is_empty() && balance.is_clean(), !proposals.is_empty());
    Ok(status.with_rules(all_ran))
}

/// Says what a proposal would have hidden.
fn tell(ui: &Ui, proposal: &Proposal) {
    let count = proposal.hides.len();
    let severity = proposal.severity();
    ui.note(&format!("`{}` would have hidden {count} alerts, up to {severity}:", proposal.id));
    for alert in proposal.hides.iter().take(TOLD) {
        ui.note(&format!("    {}", tuning::in_short(alert)));
    }
    if let Some(more) = count.checked_sub(TOLD).filter(|more| *more > 0) {
        ui.note(&format!("    and {more} more"));
    }
}
