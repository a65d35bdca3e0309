//! `cargo xtask tidy`: the rules of style and layout that neither compiler nor clippy checks.
//!
//! In: the workspace's manifests and Rust sources. Out: [`Problem`]s in order of path and line.
//! Looks only at text and syntax; it builds nothing and resolves no dependency.

use std::path::Path;

use problem::Problem;
use workspace::LoadError;

mod checks;
#[cfg(test)]
mod fixture;
mod module_paths;
mod module_tree;
mod problem;
mod source_file;
pub(crate) mod workspace;

/// Returns every problem in the workspace at `root`, sorted by path and line.
///
/// # Errors
///
/// If `cargo metadata` fails or a source file cannot be read. A file that does not parse is a
/// [`Problem`], not an error.
pub(crate) fn run(root: &Path) -> Result<Vec<Problem>, LoadError> {
    let workspace = workspace::load(root)?;
    let mut problems = workspace.unparsable.clone();
    for check in checks::ALL {
        check(&workspace, &mut problems);
    }
    problems.sort();
    Ok(problems)
}
