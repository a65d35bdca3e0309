//! `cargo xtask reference`: what the reference material is made of, what of it is there, and how to
//! make the rest.
//!
//! In: `data/reference.json`, which names every log by repository, commit, path and SHA-256, with the
//! labels of its records; and a folder of clones, if one is given. Out: lines that say what is there
//! and what is missing. A log is taken out of a clone by its commit, whatever is checked out, and is
//! written only if its hash is right. Answers that Microsoft's engine and language service gave cannot
//! be made again from public repositories; they are named with their hashes.

mod assemble;
mod catalogue;
#[cfg(test)]
mod left_out;

use std::path::{Path, PathBuf};

use clap::Args;
use thiserror::Error;

use assemble::Clones;
use catalogue::{Catalogue, State};

/// Options of the chore.
#[derive(Args)]
pub(crate) struct ReferenceArgs {
    /// The folder of the material; `shared` beside the workspace unless given
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Copy what is missing from clones in this folder, called as their repositories are
    #[arg(long, value_name = "DIR")]
    clones: Option<PathBuf>,
}

/// The chore could not run.
#[derive(Debug, Error)]
pub(crate) enum ReferenceError {
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the list of the reference material: {source}")]
    Catalogue { source: serde_json::Error },
    #[error("cannot run `git`: {source}")]
    Git { source: std::io::Error },
}

/// Returns the lines to print, and whether everything is there.
///
/// # Errors
///
/// If a file cannot be read or written, or `git` cannot be run.
pub(crate) fn run(
    root: &Path,
    args: &ReferenceArgs,
) -> Result<(Vec<String>, bool), ReferenceError> {
    let beside = root.parent().unwrap_or(root).join("shared");
    let folder = args.folder.clone().unwrap_or(beside);
    let catalogue = Catalogue::built_in()?;
    let mut lines = vec![format!("Reference material in {}", folder.display())];
    if let Some(clones) = &args.clones {
        lines.extend(assemble::run(&catalogue, &Clones::new(clones), &folder)?);
    }
    let mut is_complete = true;
    for repository in &catalogue.repositories {
        let states = repository.logs.iter().map(|log| log.state(&folder));
        let states: Vec<State> = states.collect::<Result<_, _>>()?;
        let count = |state| states.iter().filter(|it| **it == state).count();
        let (there, differing) = (count(State::There), count(State::Differs));
        is_complete &= there == states.len();
        lines.push(format!(
            "logs: {there} of {all} from https://github.com/{name} ({licence}), commit {commits}{note}",
            all = states.len(),
            name = repository.name,
            licence = repository.licence,
            commits = repository.commits().join(", "),
            note = if differing == 0 { String::new() } else { format!("; {differing} differ") },
        ));
    }
    for file in &catalogue.recorded {
        let state = catalogue::state(&folder.join(&file.file), &file.sha256)?;
        is_complete &= state == State::There;
        lines.push(format!("{}: {state}, {}", file.file, file.what));
    }
    let queries: usize = catalogue.queries.iter().map(|it| it.queries).sum();
    lines.push(format!("The {queries} real queries are of these repositories of github.com:"));
    lines.extend(catalogue.queries.iter().map(|it| format!("  {} ({})", it.name, it.queries)));
    Ok((lines, is_complete))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_lacks_everything_and_each_thing_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let args = ReferenceArgs { folder: Some(folder.path().to_owned()), clones: None };
        let (lines, is_complete) = run(Path::new("."), &args).expect("nothing is wrong");
        assert!(!is_complete);
        let text = lines.join("\n");
        assert!(text.contains("logs: 0 of 36 from https://github.com/mdecrevoisier/"), "{text}");
        assert!(text.contains("kql/conformance.jsonl: missing, "), "{text}");
    }
}
