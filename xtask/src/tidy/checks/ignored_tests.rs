//! Every test runs: no `#[ignore]`, and no `#[should_panic]`, which hides where the panic came from.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const FORBIDDEN: &[(&str, &str)] = &[
    ("ignore", "make it fast or delete it; wrong today? assert today's behaviour with a FIXME"),
    ("should_panic", "return a `Result` from what is tested and assert on the error"),
];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        for (attribute, advice) in FORBIDDEN {
            for line in file.lines_with_tokens(&["#", "[", attribute]) {
                let message = format!("`#[{attribute}]` on a test: {advice}");
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn tests_that_run_pass() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "// #[ignore] in a comment is text\n#[test]\nfn t() { ignore(); }\n",
        )]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn ignored_tests_fail_with_and_without_a_reason() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "#[test]\n#[ignore]\nfn a() {}\n#[test]\n#[ignore = \"slow\"]\nfn b() {}\n\
             #[test]\n#[should_panic]\nfn c() {}\n",
        )]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 3);
        assert!(problems[1].starts_with("crates/a/src/lib.rs:5: `#[ignore]` on a test"));
        assert!(problems[2].starts_with("crates/a/src/lib.rs:8: `#[should_panic]` on a test"));
    }
}
