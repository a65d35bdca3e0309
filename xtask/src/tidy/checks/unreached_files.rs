//! Every `.rs` file is reached by a `mod` from some target; else it is never compiled.

use std::collections::BTreeSet;
use std::path::Path;

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let parsed = workspace.files.iter().map(|file| file.path.as_path());
    let unparsable: BTreeSet<&Path> =
        workspace.unparsable.iter().map(|problem| problem.path.as_path()).collect();
    let parent_is_unparsable = |path: &Path| {
        // What a broken file declares is unknown; its own problem is enough.
        path.ancestors().skip(1).any(|folder| {
            ["lib.rs", "main.rs", "mod.rs"]
                .iter()
                .any(|name| unparsable.contains(&*folder.join(name)))
                || unparsable.contains(&*folder.with_extension("rs"))
        })
    };
    for path in parsed {
        if !workspace.reach.contains_key(path) && !parent_is_unparsable(path) {
            let message = "no `mod` reaches this file, so it is never compiled: declare it in its \
                           parent module, or delete it";
            problems.push(Problem::new(path, 1, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn declared_files_pass() {
        let workspace = fixture::one_crate(&[
            ("src/lib.rs", "mod b;"),
            ("src/b.rs", "#[cfg(test)] mod tests;"),
            ("src/b/tests.rs", ""),
            ("tests/it/main.rs", ""),
        ]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn a_forgotten_file_fails() {
        let workspace =
            fixture::one_crate(&[("src/lib.rs", "mod b;"), ("src/b.rs", ""), ("src/c.rs", "")]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("crates/a/src/c.rs:1: no `mod` reaches this file"));
    }

    #[test]
    fn below_a_file_that_does_not_parse_nothing_is_reported() {
        let workspace = fixture::one_crate(&[("src/lib.rs", "mod b; fn ("), ("src/b.rs", "")]);
        assert_eq!(workspace.unparsable.len(), 1);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }
}
