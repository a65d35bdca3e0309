//! `--against`: an older version of the rules, and what the change of them does.

use std::{io::Write, path::Path};

use detection::{
    CompiledRules,
    simulate::{RuleChange, Simulated, Simulation, simulate_change},
};
use engine::Environment;
use report::simulation::{write_changes, write_differences};

use super::{Prepared, SimulateArgs, SimulationFormat, project_of};
use crate::{
    error::CommandError,
    rules::{self, Purpose, Rules},
    ui::Ui,
};

/// The file that makes a folder a package.
const PACKAGE: &str = "package.yaml";

/// The older version.
pub(super) struct Against {
    rules: Rules,
    /// What its package's watchlists make of the environment, where it has any of its own.
    environment: Option<Environment>,
}

/// The older version, compiled.
pub(super) struct Old<'a> {
    pub(super) compiled: CompiledRules<'a>,
    pub(super) all_compiled: bool,
}

impl Against {
    pub(super) fn load(path: &Path, args: &SimulateArgs, ui: &Ui) -> Result<Self, CommandError> {
        if path.join(PACKAGE).is_file() {
            let rules = rules::package(Some(path))?.rules;
            let environment = Some(project_of(args, Some(path), ui)?.environment);
            return Ok(Self { rules: Rules { rules, is_whole: true }, environment });
        }
        if !path.exists() {
            let error = format!("`--against`: no file and no folder: `{}`", path.display());
            return Err(CommandError::user(error));
        }
        let wanted = [path.display().to_string()];
        let package = rules::package(None)?;
        let rules = rules::load(&wanted, &package, Purpose::Simulation, ui)?;
        Ok(Self { rules, environment: None })
    }

    /// Compiles the older version; `environment` is that of the newer one.
    pub(super) fn compile<'a>(
        &'a self,
        environment: &Environment,
        prepared: &Prepared<'_>,
    ) -> Result<Old<'a>, CommandError> {
        let environment = self.environment.as_ref().unwrap_or(environment);
        let threads = prepared.engine.threads();
        let (compiled, refused) =
            CompiledRules::compile_for_simulation(&self.rules.rules, environment, threads);
        rules::tell_refused(prepared.ui, &refused);
        if compiled.is_empty() {
            return Err(CommandError::reported());
        }
        Ok(Old { compiled, all_compiled: self.rules.is_whole && refused.is_empty() })
    }
}

impl<'a> Prepared<'a> {
    /// Simulates both versions, writes what the change does, and tells whether it does anything.
    pub(super) fn write_changes(
        &self,
        old: &CompiledRules<'_>,
        simulation: &Simulation,
    ) -> Result<(Simulated<'a>, bool), CommandError> {
        let Self { args, engine, compiled, inputs, ui } = self;
        let progress = ui.progress();
        let (simulated, changes) =
            simulate_change(engine, compiled, old, inputs, simulation, &progress)?;
        let mut stdout = ui.stdout();
        match args.format {
            SimulationFormat::Jsonl => {
                write_differences(&changes, &mut stdout)?;
                self.tell_assumptions(simulation);
            }
            SimulationFormat::Table | SimulationFormat::Timeline => {
                let options = ui.table_options();
                write_changes(&changes, &simulation.assumptions, options, &mut stdout)?;
            }
        }
        stdout.flush()?;
        let is_changed = |change: &RuleChange| !change.won.is_empty() || !change.lost.is_empty();
        Ok((simulated, changes.iter().any(is_changed)))
    }
}

/// Refuses what goes with no comparison.
pub(super) fn refuse_others(args: &SimulateArgs) -> Result<(), CommandError> {
    let other = [
        (matches!(args.phase, super::Phase::All(_)), "--phase all"),
        (args.tables.is_some(), "--tables"),
        (args.report.is_some(), "--report"),
        (args.format == SimulationFormat::Timeline, "--format timeline"),
    ];
    match other.iter().find(|(is_given, _)| args.against.is_some() && *is_given) {
        None => Ok(()),
        Some((_, option)) => Err(CommandError::user(format!(
            "`--against` tells what a change wins and loses, so that `{option}` has no place in it"
        ))),
    }
}
