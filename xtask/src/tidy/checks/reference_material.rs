//! The reference material is reached by `testkit::reference!` alone, which leaves a test out where
//! there is none. A path of one's own would make the test fail for whoever cloned the project only.

use std::path::Path;

use crate::tidy::{problem::Problem, workspace::Workspace};

/// What says where the material is, and what measures against it and fails without.
const MAY_FIND_IT: &[&str] = &["crates/testkit", "xtask", "benches"];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let outside =
        |path: &Path| !MAY_FIND_IT.iter().any(|folder| path.starts_with(Path::new(folder)));
    for file in workspace.files.iter().filter(|file| outside(&file.path)) {
        let mut lines = file.lines_with_tokens(&["Reference", ":", ":", "find"]);
        let paths = file.tokens.iter().filter(|token| {
            token.text.starts_with(['"', 'r', 'c']) && token.text.contains("../shared")
        });
        lines.extend(paths.map(|token| token.line));
        for line in lines {
            let message = "reference material without `testkit::reference!`: the test would fail \
                           where there is none";
            problems.push(Problem::new(&file.path, line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn the_macro_and_comments_pass() {
        let workspace = fixture::one_crate(&[(
            "tests/it/main.rs",
            "// ../shared/kql\n#[test]\nfn t() { let it = testkit::reference!(\"logs\"); }\n",
        )]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn paths_and_searches_of_ones_own_fail() {
        let workspace = fixture::one_crate(&[(
            "tests/it/main.rs",
            "#[test]\nfn a() { read(\"../../../shared/x\"); }\n\
             #[test]\nfn b() { testkit::Reference::find(\"logs\"); }\n",
        )]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("crates/a/tests/it/main.rs:4: reference material"));
        assert!(problems[1].starts_with("crates/a/tests/it/main.rs:2: reference material"));
    }
}
