//! `cargo xtask base-rates`: how often the package cries wolf on a routine that is nothing but one, and how
//! many planted attacks it finds in it.
//!
//! Makes weeks of Windows events of an invented company from several seeds (`corpus`), hunts each with a
//! `quarry` built for release, and counts alerts of medium and higher severity per host and day: without
//! exceptions, with the package's for known products, and with those that the company keeps for its own
//! scanner, jump host and deployment (`exceptions.csv`). Alerts that cite a record of a planted attack are not false.
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

/// What the invented company has decided for itself.
const EXCEPTIONS: &str = include_str!("base_rates/exceptions.csv");

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

    /// Hunt with the rules of this package's folder
    #[arg(long, default_value = "detections/t1021.002", value_name = "DIR")]
    package: PathBuf,

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
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(path, text))
            .map_err(|source| BaseRatesError::Write { path: path.to_owned(), source })
    };
    let package = root.join(&args.package).display().to_string();
    let list = folder.join("exceptions.csv");
    write(&list, EXCEPTIONS)?;
    let mut measured = Measured::default();
    for seed in 1..=args.seeds {
        let corpus = corpus::make(seed, args.days);
        let path = folder.join(format!("seed-{seed}.jsonl"));
        write(&path, &corpus.text())?;
        let hunt = |arguments: &[&str]| -> Result<Vec<Alert>, ScoreError> {
            detection_score::alerts_of(
                &quarry,
                &[&["--package", &package], arguments].concat(),
                &path,
            )
        };
        let untuned = hunt(&["--no-tuning"])?;
        let of_package = hunt(&["--show-suppressed"])?;
        let of_all = hunt(&["--show-suppressed", "--exceptions", &list.display().to_string()])?;
        measured.add(&corpus, &untuned, [&of_package, &of_all]);
    }
    let lines = measured.lines();
    if let Some(path) = &args.page {
        let page = page::page(&measured, args.seeds, args.days);
        fs::write(path, page)
            .map_err(|source| BaseRatesError::Write { path: path.clone(), source })?;
    }
    Ok((lines, measured.is_good()))
}
