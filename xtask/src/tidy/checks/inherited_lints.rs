//! Every crate takes the workspace's lints; one that forgets is checked by none of them.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for package in &workspace.packages {
        if !inherits_lints(&package.manifest) {
            let message = "does not take the workspace's lints: add `[lints]` with \
                           `workspace = true`";
            problems.push(Problem::new(&package.manifest_path(), 1, message));
        }
    }
}

fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn inherited_lints_pass() {
        let mut workspace = fixture::crates(&[("a", &[])]);
        workspace.packages[0].manifest = "[package]\n\n[lints]\nworkspace = true\n".to_owned();
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn forgotten_and_own_lints_fail() {
        let mut workspace = fixture::crates(&[("a", &[]), ("b", &[])]);
        workspace.packages[0].manifest = "[package]\nversion.workspace = true\n".to_owned();
        workspace.packages[1].manifest = "[lints]\n[dependencies]\n".to_owned();
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with("crates/a/Cargo.toml:1: does not take"), "{problems:?}");
    }
}
