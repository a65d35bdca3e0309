//! The project's own chores, run as `cargo xtask NAME`.
//!
//! One module per subcommand; each returns what it found and `main` prints it. Exit status: 0 all
//! well, 1 problems found, 2 the chore itself could not run.

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod tidy;

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
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn main() -> ExitCode {
    let Chore::Tidy = Arguments::parse().chore;
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

/// Returns the folder that holds the workspace's `Cargo.toml`: the parent of this crate's.
fn workspace_root() -> std::path::PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
