//! `quarry doctor`: what somebody who is asked for help wants to know first.

use std::{env, io::Write, thread};

use clap::Args;
use report::alerts::AlertFormat;

use crate::{commands::Cli, error::CommandError, exit::ExitStatus, ui::Ui};

/// Say what this binary is and where it runs, for a report of a defect
///
/// Versions, the platform, what was built in, and the formats that are written. Nothing of logs, paths, names of
/// hosts or of people.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  quarry doctor")]
pub(crate) struct DoctorArgs {}

pub(crate) fn run(_: &DoctorArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut stdout = ui.stdout();
    for (name, value) in facts() {
        writeln!(stdout, "{name:<12}{value}")?;
    }
    Ok(ExitStatus::Nothing)
}

fn facts() -> Vec<(&'static str, String)> {
    let version = <Cli as clap::CommandFactory>::command().get_version().unwrap_or("?").to_owned();
    let threads = thread::available_parallelism().map_or("?".to_owned(), |it| it.to_string());
    let build = if cfg!(debug_assertions) { "debug" } else { "optimised" };
    let yes = |is_there: bool| if is_there { "yes" } else { "no" };
    let formats: Vec<&str> = AlertFormat::ALL.iter().map(|format| format.name()).collect();
    vec![
        ("quarry", format!("{version}, {build}")),
        ("platform", format!("{} {}", env::consts::OS, env::consts::ARCH)),
        ("threads", threads),
        ("cloud", yes(cfg!(feature = "cloud")).to_owned()),
        ("kafka", yes(cfg!(feature = "kafka")).to_owned()),
        ("tables", tables_count().to_string()),
        ("writes", formats.join(" ")),
    ]
}

/// Returns how many tables queries may name.
fn tables_count() -> usize {
    let environment = tables::Environment::Both;
    let own = tables::catalog(environment).len();
    own.saturating_add(tables::documented_names(environment).count())
}

#[cfg(test)]
mod tests {
    use super::facts;

    #[test]
    fn no_path_is_told() {
        for (name, value) in facts() {
            assert!(!value.contains(['/', '\\', '@']), "{name}: {value}");
        }
    }
}
