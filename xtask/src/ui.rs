//! `cargo xtask ui`: builds the desk from `ui/` into what the service embeds.
//!
//! What is built is checked in, so that whoever builds Quarry needs no Node. `--check` builds it anew and fails if
//! anything differs from what is checked in. Needs Node 20 and npm's registry.

use std::{io, path::Path, process::Command};

use clap::Args;
use thiserror::Error;

/// Where the service has the page from.
const ASSETS: &str = "crates/service/assets";

/// What `cargo xtask ui` takes.
#[derive(Debug, Args)]
pub(crate) struct UiArgs {
    /// Fail if what is checked in is not what the sources build
    #[arg(long)]
    check: bool,
}

/// A page that could not be built.
#[derive(Debug, Error)]
pub(crate) enum UiError {
    /// A program could not be run.
    #[error("`{program}` cannot be run")]
    Run { program: &'static str, source: io::Error },
    /// A program failed, and has said why.
    #[error("`{0}` failed")]
    Failed(String),
}

/// Builds the page. Returns what is wrong, and whether all is well.
pub(crate) fn run(root: &Path, args: &UiArgs) -> Result<(Vec<String>, bool), UiError> {
    let ui = root.join("ui");
    let npm: [&[&str]; 3] = [
        &["install", "--silent", "--no-save"],
        &["run", "--silent", "check"],
        &["run", "--silent", "build"],
    ];
    for arguments in npm {
        let status = Command::new("npm").args(arguments).current_dir(&ui).status();
        let status = status.map_err(|source| UiError::Run { program: "npm", source })?;
        if !status.success() {
            return Err(UiError::Failed(format!("npm {}", arguments.join(" "))));
        }
    }
    if !args.check {
        return Ok((Vec::new(), true));
    }
    let changed = Command::new("git")
        .args(["status", "--porcelain", "--", ASSETS])
        .current_dir(root)
        .output()
        .map_err(|source| UiError::Run { program: "git", source })?;
    if !changed.status.success() {
        return Err(UiError::Failed("git status".to_owned()));
    }
    let changed = String::from_utf8_lossy(&changed.stdout);
    let told: Vec<String> = changed
        .lines()
        .map(|line| format!("{}: not what `ui/` builds; run `cargo xtask ui`", line.trim()))
        .collect();
    let is_current = told.is_empty();
    Ok((told, is_current))
}
