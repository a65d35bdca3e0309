//! A crate has one binary of integration tests: each one more is linked anew on every change.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::{Target, Workspace};

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for package in &workspace.packages {
        let is_below_tests =
            |target: &&Target| target.root.starts_with(package.directory.join("tests"));
        for target in package.targets.iter().filter(is_below_tests).skip(1) {
            let message = "a second test binary: make it a module of `tests/it/main.rs`";
            problems.push(Problem::new(&target.root, 1, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn one_binary_passes() {
        let workspace = fixture::crates(&[("a", &[]), ("b", &[])]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn a_second_binary_fails() {
        let mut workspace = fixture::crates(&[("a", &[])]);
        let root = "crates/a/tests/more.rs".into();
        workspace.packages[0].targets.push(Target { root, test: true });
        assert_eq!(
            fixture::run(check, &workspace),
            ["crates/a/tests/more.rs:1: a second test binary: make it a module of \
              `tests/it/main.rs`"]
        );
    }
}
