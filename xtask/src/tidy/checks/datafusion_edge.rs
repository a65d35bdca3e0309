//! Only `engine` depends on the whole of DataFusion.
//!
//! It is by far the largest dependency: everything else builds and tests without it, on sub-crates
//! such as `datafusion-expr`. Tests may run plans, so dev-dependencies are free.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const DATAFUSION: &str = "datafusion";

/// The crate that runs plans.
const ENGINE: &str = "engine";

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for package in workspace.packages.iter().filter(|package| package.name != ENGINE) {
        let depends = package
            .dependencies
            .iter()
            .any(|dependency| dependency.name == DATAFUSION && !dependency.dev);
        if depends {
            let message = format!(
                "only `{ENGINE}` depends on `{DATAFUSION}`: use a sub-crate such as \
                 `datafusion-expr`, or move the code to `{ENGINE}`"
            );
            let line = package.line_of_dependency(DATAFUSION);
            problems.push(Problem::new(&package.manifest_path(), line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn engine_sub_crates_and_tests_pass() {
        let workspace = fixture::crates(&[
            ("engine", &["datafusion"]),
            ("kql-datafusion", &["datafusion-expr", "dev:datafusion"]),
        ]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn another_crate_on_datafusion_fails() {
        let workspace = fixture::crates(&[("sources", &["arrow", "datafusion"])]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("crates/sources/Cargo.toml:3: only `engine`"));
    }
}
