//! `quarry test`: a package's own tests.

use std::{io::Write, path::PathBuf};

use clap::Args;
use detection::{
    Package,
    testing::{self, Evasions, Share, TestSettings},
    tuning::Tuning,
};
use engine::{Engine, Environment};
use report::package::test_report::evasion;

use crate::{clock, error::CommandError, exit::ExitStatus, inputs, tuning, ui::Ui, whole};

/// Run the tests of a detection package
///
/// Each case is telemetry, the rules that have to fire on it and those that have to stay quiet. All
/// cases run with the package's watchlists in force, so that an exception that would hide an attack
/// is found here. A case may also say what Sentinel makes of a rule over time: its runs, alerts and
/// incidents by a clock of the case's own, with records that arrive late. Without a PACKAGE, tests the
/// one that comes with Quarry.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry test
  quarry test detections/t1021.002 --junit tests.xml
  quarry test --exceptions ours.csv
  quarry test detections/t1021.002 --mutate
  quarry test detections/t1021.002 --evade --page detections/t1021.002/EVASIONS.md

Exit status: 0 all passed, 1 something failed, 2 usage, package or rule error.")]
pub(crate) struct TestArgs {
    /// The package's folder
    package: Option<PathBuf>,

    /// Write the results as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Try exceptions of your own as well (can be repeated)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,

    /// Test only the rule of this file name, without its ending
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,

    /// Delete each predicate of each rule in turn, and name those that no test misses
    #[arg(long)]
    mutate: bool,

    /// Tell each attack again in other ways, and name those that are missed without a reason
    ///
    /// Renamed tools and services, other shares, IPv6, other languages and versions of Windows, fields and
    /// logs that are missing, and more. `evasions.yaml` of the package gives the reason of each miss.
    #[arg(long, requires = "package", conflicts_with_all = ["mutate", "junit", "exceptions"])]
    evade: bool,

    /// Write what `--evade` found as a page
    #[arg(long, value_name = "FILE", requires = "evade")]
    page: Option<PathBuf>,
}

pub(crate) fn run(args: &TestArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut package = match &args.package {
        Some(folder) => Package::load(folder)?,
        None => Package::builtin()?,
    };
    if let Some(name) = &args.rule {
        package = package.only(name).ok_or_else(|| {
            CommandError::user(format!("the package has no rule file `{name}.yaml`"))
        })?;
    }
    let tuning = tuning::load(&package, &args.exceptions, clock::now())?;
    tuning::warn_of_expired(ui, &tuning);
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, inputs::settings())?;
    let folder = tempfile::tempdir()?;
    let progress = ui.progress();
    let settings = TestSettings {
        engine: &engine,
        environment: &environment,
        folder: folder.path(),
        tuning: &tuning,
        progress: &progress,
    };
    let mut stdout = ui.stdout();
    if args.mutate {
        // What an exception hides is no matter here.
        let settings = TestSettings { tuning: &Tuning::default(), ..settings };
        let mutation = testing::mutate(&package, &settings)?;
        report::package::test_report::write_mutation(&mutation, &mut stdout)?;
        stdout.flush()?;
        return Ok(ExitStatus::of_run(true, !mutation.is_good()));
    }
    if let (true, Some(folder)) = (args.evade, &args.package) {
        let evasions = Evasions::load(folder).map_err(CommandError::user)?;
        let report = testing::evade(&package, folder, &evasions, Share::All, &settings)?;
        evasion::write_table(&report, ui.table_options(), &mut stdout)?;
        stdout.flush()?;
        if let Some(path) = &args.page {
            whole::write(path, |out| Ok(evasion::write_page(&report, &package.id, out)?))?;
        }
        return Ok(ExitStatus::of_run(true, !report.is_good()));
    }
    let report = testing::run(&package, &settings)?;
    report::package::test_report::write_summary(&report, ui.table_options(), &mut stdout)?;
    stdout.flush()?;
    if let Some(path) = &args.junit {
        whole::write(path, |out| {
            Ok(report::package::test_report::write_junit(&package.id, &report, out)?)
        })?;
    }
    Ok(ExitStatus::of_run(true, !report.is_good()))
}
