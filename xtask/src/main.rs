//! The project's own chores, run as `cargo xtask NAME`.
//!
//! One module per subcommand; each returns what it found and `main` prints it. What takes the whole
//! project to build is in the package `measure`, which is only run from here, so that `tidy` starts
//! at once. Exit status: 0 all well, 1 problems found, 2 the chore itself could not run.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::{Args, Parser, Subcommand};

mod base_rates;
mod detection_score;
mod reference;
mod schemas;
mod tidy;
mod ui;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Run one of the project's chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check the rules of style and layout that the compiler does not know
    Tidy,

    /// Compare with Microsoft's language service and engine
    #[command(disable_help_flag = true)]
    Conformance(Passed),

    /// Hunt labelled logs with the T1021.002 package and compare with the labels
    DetectionScore(detection_score::DetectionScoreArgs),

    /// Hunt an invented company's weeks, and count false alerts and found attacks
    BaseRates(base_rates::BaseRatesArgs),

    /// Say what the reference material is made of, and copy it from clones
    Reference(reference::ReferenceArgs),

    /// Write the columns of the tables that Microsoft documents
    Schemas(schemas::SchemasArgs),

    /// Say which real queries run, and what keeps the others from it
    #[command(disable_help_flag = true)]
    Coverage(Passed),
    /// Write the reference of the language, `docs/reference/`
    #[command(disable_help_flag = true)]
    Docgen(Passed),

    /// Build the desk, which the service embeds, from `ui/`; needs Node
    Ui(ui::UiArgs),

    /// Bind the packages' rules with Microsoft's language service, with half of the tables missing
    #[command(disable_help_flag = true)]
    Deployment(Passed),
}

/// Arguments that another package reads.
#[derive(Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Tidy => tidy(),
        Chore::Conformance(passed) => measure("conformance", &passed),
        Chore::DetectionScore(args) => tell(detection_score::run(&workspace_root(), &args)),
        Chore::BaseRates(args) => tell(base_rates::run(&workspace_root(), &args)),
        Chore::Reference(args) => tell(reference::run(&workspace_root(), &args)),
        Chore::Schemas(args) => tell(schemas::run(&workspace_root(), &args)),
        Chore::Coverage(passed) => measure("coverage", &passed),
        Chore::Docgen(passed) => measure("docgen", &passed),
        Chore::Ui(args) => tell(ui::run(&workspace_root(), &args)),
        Chore::Deployment(passed) => measure("deployment", &passed),
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn tidy() -> ExitCode {
    match tidy::run(&workspace_root()) {
        Ok(problems) if problems.is_empty() => {
            println!("tidy: no problems");
            ExitCode::SUCCESS
        }
        Ok(problems) => {
            for problem in &problems {
                println!("{problem}");
            }
            println!("tidy: {} problem(s)", problems.len());
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Builds and runs the package `measure`, which prints what it finds.
#[expect(clippy::print_stderr, reason = "this is the binary; it talks")]
fn measure(chore: &str, passed: &Passed) -> ExitCode {
    let status = Command::new("cargo")
        .args(["run", "--quiet", "--package", "measure", "--", chore])
        .args(&passed.arguments)
        .current_dir(workspace_root())
        .status();
    match status {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2).into(),
        Err(error) => {
            eprintln!("error: cannot run `cargo`: {error}");
            ExitCode::from(2)
        }
    }
}

/// Prints what a chore found; all is well or not.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn tell<E: std::error::Error>(found: Result<(Vec<String>, bool), E>) -> ExitCode {
    match found {
        Ok((lines, is_good)) => {
            for line in &lines {
                println!("{line}");
            }
            if is_good { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns the folder that holds the workspace's `Cargo.toml`: the parent of this crate's.
fn workspace_root() -> std::path::PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
