//! `cargo xtask detection-score MANIFEST`: how well the package finds labelled attacks, and how quiet
//! it is on what only looks like one.
//!
//! In goes a manifest of log files, graded and with the records that are evidence; out comes a line
//! for each file and the totals against the bars. The files are hunted one by one with the `quarry`
//! binary, as a user would. Nothing is learned from the labels: they are compared, and no more.

mod alert;
mod manifest;
mod score;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Args;
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
    let mut lines = vec![DatasetScore::HEADER.to_owned()];
    let mut totals = Totals::default();
    for dataset in datasets.iter().filter(wanted) {
        let alerts = hunt(&quarry, args.package.as_deref(), &folder.join(&dataset.file))?;
        let score = DatasetScore::new(dataset, &alerts);
        lines.push(score.to_string());
        totals.add(dataset, &score);
    }
    lines.push(String::new());
    lines.extend(totals.lines());
    Ok((lines, totals.is_good()))
}

/// Builds the binary and returns its path.
fn build(root: &Path) -> Result<PathBuf, ScoreError> {
    let status = Command::new("cargo")
        .args(["build", "--quiet", "-p", "quarry"])
        .current_dir(root)
        .status()
        .map_err(|source| ScoreError::Start { program: "cargo".to_owned(), source })?;
    if !status.success() {
        return Err(ScoreError::Build);
    }
    Ok(root.join("target/debug/quarry"))
}

/// Returns the alerts that a hunt on one file raises.
fn hunt(
    quarry: &Path,
    package: Option<&Path>,
    file: &Path,
) -> Result<Vec<alert::Alert>, ScoreError> {
    let mut command = Command::new(quarry);
    command.args(["hunt", "--quiet", "--exit-zero", "--format", "jsonl"]);
    if let Some(package) = package {
        command.arg("--package").arg(package);
    }
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
