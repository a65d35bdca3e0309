//! `cargo xtask detection-score MANIFEST`: how well the package finds labelled attacks, and how quiet
//! it is on what only looks like one.
//!
//! In goes a manifest of log files, graded and with the records that are evidence; out comes a line
//! for each file and the totals against the bars. Nothing is learned from the labels: they are
//! compared, and no more.
//!
//! Each file is hunted alone, with a `quarry` built for release, a few at a time. A record is meant by
//! its place in its own file. That matters: one recording consists of copies of records that another
//! one has as well, and a hunt on the folder as a whole counts such a record once and cites the first.
//! Alone, each recording answers for itself, and no alert rests on records of two of them.

mod alert;
mod manifest;
mod score;

use std::{
    iter,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread::{self, available_parallelism},
};

use clap::Args;
use serde::de::DeserializeOwned;
use thiserror::Error;

use manifest::Dataset;
use score::{DatasetScore, Totals};

/// Options of the chore.
#[derive(Args)]
pub(crate) struct DetectionScoreArgs {
    /// The manifest; the log files lie beside it
    manifest: PathBuf,

    /// Hunt with this binary instead of one built from this workspace
    #[arg(long, value_name = "FILE")]
    quarry: Option<PathBuf>,

    /// Hunt with the rules of a package's folder
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// Look only at data sets whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// The chore could not run.
#[derive(Debug, Error)]
pub(crate) enum ScoreError {
    #[error("{path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: no manifest of data sets: {source}", path = path.display())]
    Manifest { path: PathBuf, source: serde_json::Error },
    #[error("cannot run `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("building quarry failed")]
    Build,
    #[error("{file}: quarry ended with {status}: {stderr}")]
    Hunt { file: String, status: String, stderr: String },
    #[error("{file}: an alert is no JSON: {source}")]
    Alert { file: String, source: serde_json::Error },
}

/// Hunts every data set and returns the report's lines, and whether every bar is met.
pub(crate) fn run(
    root: &Path,
    args: &DetectionScoreArgs,
) -> Result<(Vec<String>, bool), ScoreError> {
    let quarry = match &args.quarry {
        Some(quarry) => quarry.clone(),
        None => build(root)?,
    };
    let datasets = manifest::load(&args.manifest)?;
    let folder = args.manifest.parent().unwrap_or(Path::new("."));
    let wanted = |dataset: &&Dataset| {
        args.only.as_ref().is_none_or(|only| dataset.name.contains(only.as_str()))
    };
    let wanted: Vec<&Dataset> = datasets.iter().filter(wanted).collect();
    let hunted = in_parallel(&wanted, |dataset| {
        hunt(&quarry, args.package.as_deref(), &folder.join(&dataset.file))
    });
    let mut lines = vec![DatasetScore::HEADER.to_owned()];
    let mut totals = Totals::default();
    for (dataset, alerts) in wanted.into_iter().zip(hunted) {
        let score = DatasetScore::new(dataset, &alerts?);
        lines.push(score.to_string());
        totals.add(dataset, &score);
    }
    lines.push(String::new());
    lines.extend(totals.lines());
    Ok((lines, totals.is_good()))
}

/// Does work for each item on as many threads as there are processors, and returns the results in
/// order.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let claim = || Some(next.fetch_add(1, Ordering::Relaxed));
    let worker = || -> Vec<(usize, R)> {
        let claimed = iter::from_fn(claim).map_while(|at| Some((at, items.get(at)?)));
        claimed.map(|(at, item)| (at, work(item))).collect()
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| match worker.join() {
                Ok(results) => results,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Builds the binary and returns its path. A debug build takes many times as long.
pub(crate) fn build(root: &Path) -> Result<PathBuf, ScoreError> {
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "-p", "quarry"])
        .current_dir(root)
        .status()
        .map_err(|source| ScoreError::Start { program: "cargo".to_owned(), source })?;
    if !status.success() {
        return Err(ScoreError::Build);
    }
    Ok(root.join("target/release/quarry"))
}

/// Returns the alerts that a hunt on one file raises.
fn hunt(
    quarry: &Path,
    package: Option<&Path>,
    file: &Path,
) -> Result<Vec<alert::Alert>, ScoreError> {
    let package = package.map(|folder| folder.display().to_string());
    match &package {
        Some(folder) => alerts_of(quarry, &["--package", folder], file),
        None => alerts_of(quarry, &[], file),
    }
}

/// Returns the alerts that a hunt on one file raises, with more arguments, in the form that is needed.
pub(crate) fn alerts_of<T: DeserializeOwned>(
    quarry: &Path,
    arguments: &[&str],
    file: &Path,
) -> Result<Vec<T>, ScoreError> {
    let mut command = Command::new(quarry);
    command.args(["hunt", "--quiet", "--exit-zero", "--format", "jsonl"]).args(arguments);
    let output = command
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| ScoreError::Start { program: quarry.display().to_string(), source })?;
    let name = file.display().to_string();
    // 3 says that some input was unreadable, as some of the files are.
    if !matches!(output.status.code(), Some(0 | 3)) {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(ScoreError::Hunt { file: name, status: output.status.to_string(), stderr });
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(|source| ScoreError::Alert { file: name, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_their_items() {
        let items: Vec<u64> = (0..50).collect();
        let doubled = in_parallel(&items, |item| {
            thread::sleep(std::time::Duration::from_millis(item % 3));
            item * 2
        });
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<u64>>());
    }
}
