//! `cargo xtask base-rates`: how often the package cries wolf on a routine that is nothing but one, and how
//! many planted attacks it finds in it.
//!
//! Makes weeks of Windows events of an invented company from several seeds (`corpus`), hunts each with a
//! `quarry` built for release, and counts alerts of medium and higher severity per host and day: without
//! exceptions and with the package's own. Alerts that cite a record of a planted attack are not false.
//! With `--page`, writes `MEASURED.md` of the package. Same seeds, same bytes.

mod alert;
mod corpus;
mod measure;
mod page;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use thiserror::Error;

use crate::detection_score::{self, ScoreError};
use alert::Alert;
use measure::Measured;

/// Options of the chore.
#[derive(Args)]
pub(crate) struct BaseRatesArgs {
    /// Make corpora from the seeds 1 to N
    #[arg(long, default_value_t = 4, value_name = "N")]
    seeds: u64,

    /// Days that each corpus covers; the attacks are planted on the middle one
    #[arg(long, default_value_t = 14, value_name = "DAYS")]
    days: u32,

    /// Hunt with this binary instead of one built from this workspace
    #[arg(long, value_name = "FILE")]
    quarry: Option<PathBuf>,

    /// Write the page of the package as well
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,

    /// Keep the corpora in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// The chore could not run.
#[derive(Debug, Error)]
pub(crate) enum BaseRatesError {
    #[error("{path}: {source}", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Hunt(#[from] ScoreError),
}

/// Makes, hunts and counts; returns the report's lines, and whether every bar is met.
pub(crate) fn run(
    root: &Path,
    args: &BaseRatesArgs,
) -> Result<(Vec<String>, bool), BaseRatesError> {
    let quarry = match &args.quarry {
        Some(quarry) => quarry.clone(),
        None => detection_score::build(root)?,
    };
    let folder = args.keep.clone().unwrap_or_else(|| root.join("target/base-rates"));
    let mut measured = Measured::default();
    for seed in 1..=args.seeds {
        let corpus = corpus::make(seed, args.days);
        let path = folder.join(format!("seed-{seed}.jsonl"));
        let write = |path: &Path, text: &str| {
            fs::create_dir_all(&folder)
                .and_then(|()| fs::write(path, text))
                .map_err(|source| BaseRatesError::Write { path: path.to_owned(), source })
        };
        write(&path, &corpus.text())?;
        let untuned: Vec<Alert> = detection_score::alerts_of(&quarry, &["--no-tuning"], &path)?;
        let tuned: Vec<Alert> = detection_score::alerts_of(&quarry, &["--show-suppressed"], &path)?;
        measured.add(&corpus, &untuned, &tuned);
    }
    let lines = measured.lines();
    if let Some(path) = &args.page {
        let page = page::page(&measured, args.seeds, args.days);
        fs::write(path, page)
            .map_err(|source| BaseRatesError::Write { path: path.clone(), source })?;
    }
    Ok((lines, measured.is_good()))
}
