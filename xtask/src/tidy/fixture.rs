//! Small workspaces written in a test, for the checks' own tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::problem::Problem;
use super::workspace::{Dependency, Package, Target, Workspace};

/// Returns a workspace of one crate `a`, with these files below `crates/a/`.
///
/// `src/lib.rs` and `tests/it/main.rs` are its targets.
pub(crate) fn one_crate(files: &[(&str, &str)]) -> Workspace {
    let texts: BTreeMap<PathBuf, String> = files
        .iter()
        .map(|(path, text)| (PathBuf::from("crates/a").join(path), (*text).to_owned()))
        .collect();
    Workspace::new(vec![package("a", &[])], texts)
}

/// Returns a workspace of empty crates with these dependencies; `dev:` marks a dev-dependency.
pub(crate) fn crates(crates: &[(&str, &[&str])]) -> Workspace {
    let packages = crates.iter().map(|(name, dependencies)| package(name, dependencies)).collect();
    Workspace::new(packages, BTreeMap::new())
}

fn package(name: &str, dependencies: &[&str]) -> Package {
    let directory = PathBuf::from("crates").join(name);
    let dependencies: Vec<Dependency> = dependencies
        .iter()
        .map(|name| Dependency {
            name: name.trim_start_matches("dev:").to_owned(),
            dev: name.starts_with("dev:"),
        })
        .collect();
    let lines: Vec<String> = dependencies
        .iter()
        .map(|dependency| format!("{} = {{ workspace = true }}", dependency.name))
        .collect();
    Package {
        name: name.to_owned(),
        manifest: format!("[dependencies]\n{}\n", lines.join("\n")),
        dependencies,
        targets: vec![
            Target { root: directory.join("src/lib.rs"), test: false },
            Target { root: directory.join("tests/it/main.rs"), test: true },
        ],
        directory,
    }
}

/// Runs one check and returns its problems as `path:line: message`.
pub(crate) fn run(check: fn(&Workspace, &mut Vec<Problem>), workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    check(workspace, &mut problems);
    problems.iter().map(ToString::to_string).collect()
}
