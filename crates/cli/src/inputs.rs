//! From the paths on the command line to the engine's inputs and settings.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use engine::{Input, Problem, Settings, discover};

use crate::{args::RunArgs, error::CommandError, ui::Ui};

/// Rows kept for the queries take this much memory before they go to disk.
const STAGING_BYTES: usize = 64 << 20;
/// Sorts, groups and joins take this much before they spill.
const OPERATOR_BYTES: usize = 1 << 30;
/// Problems of one file that are told one by one.
const TOLD: usize = 3;

/// Returns the limits of a run on this machine.
pub(crate) fn settings(args: &RunArgs) -> Settings {
    Settings {
        threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        staging_bytes: STAGING_BYTES,
        operator_bytes: OPERATOR_BYTES,
        spill_folder: std::env::temp_dir(),
        carve: args.carve,
    }
}

/// Finds the files below the paths. Some must be there; what stands in the way is returned beside.
pub(crate) fn find(paths: &[PathBuf]) -> Result<(Vec<Input>, Vec<Problem>), CommandError> {
    let discovery = discover(paths);
    match (discovery.inputs.is_empty(), discovery.problems.first()) {
        (true, Some(problem)) => Err(CommandError::user(problem.to_string())),
        _ => Ok((discovery.inputs, discovery.problems)),
    }
}

/// Says what could not be read: of each file the first few problems, and how many more there are.
pub(crate) fn tell_problems<'a>(ui: &Ui, problems: impl Iterator<Item = &'a Problem>) {
    let mut of_file: BTreeMap<&Path, usize> = BTreeMap::new();
    let mut last: Option<&Path> = None;
    for problem in problems {
        let file = problem.place.file.as_path();
        if last.is_some_and(|last| last != file) {
            tell_rest(ui, last, &of_file);
        }
        last = Some(file);
        let count = of_file.entry(file).or_default();
        *count = count.saturating_add(1);
        if *count <= TOLD {
            ui.warning(&problem.to_string());
        }
    }
    tell_rest(ui, last, &of_file);
}

fn tell_rest(ui: &Ui, file: Option<&Path>, of_file: &BTreeMap<&Path, usize>) {
    let Some(file) = file else { return };
    let more = of_file.get(file).map_or(0, |count| count.saturating_sub(TOLD));
    if more > 0 {
        let file = file.display();
        ui.warning(&format!("{file}: {more} more problems; `--stats FILE` writes them all"));
    }
}
