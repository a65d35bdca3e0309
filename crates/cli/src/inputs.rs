//! From the paths on the command line to the engine's inputs and settings.

use std::{num::NonZeroUsize, path::PathBuf, thread};

use engine::{Input, Problem, Settings, discover};

use crate::{error::CommandError, ui::Ui};

/// Rows kept for the queries take this much memory before they go to disk.
const STAGING_BYTES: usize = 64 << 20;
/// Sorts, groups and joins take this much before they spill.
const OPERATOR_BYTES: usize = 1 << 30;
/// Problems of one run that are told one by one.
const TOLD: usize = 20;

/// Returns the limits of a run on this machine.
pub(crate) fn settings() -> Settings {
    Settings {
        threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        staging_bytes: STAGING_BYTES,
        operator_bytes: OPERATOR_BYTES,
        spill_folder: std::env::temp_dir(),
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

/// Says what could not be read, the first ones one by one.
pub(crate) fn tell_problems<'a>(ui: &Ui, problems: impl Iterator<Item = &'a Problem>) {
    let mut more = 0_usize;
    for (index, problem) in problems.enumerate() {
        if index < TOLD {
            ui.warning(&problem.to_string());
        } else {
            more = more.saturating_add(1);
        }
    }
    if more > 0 {
        ui.warning(&format!("{more} more problems; `--stats FILE` writes them all"));
    }
}
