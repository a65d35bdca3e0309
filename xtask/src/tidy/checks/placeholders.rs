//! No `todo!`, `unimplemented!` or `dbg!`, not even inside another macro's arguments.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const FORBIDDEN: &[(&str, &str)] = &[
    ("todo", "write it, or report a 9xx diagnostic"),
    ("unimplemented", "write it, or report a 9xx diagnostic"),
    ("dbg", "take it out"),
];

/// What may follow the `!` of a macro call; `todo != x` is none.
const OPENING: [&str; 3] = ["(", "[", "{"];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        for (name, advice) in FORBIDDEN {
            for opening in OPENING {
                for line in file.lines_with_tokens(&[name, "!", opening]) {
                    let message = format!("`{name}!` must not be committed: {advice}");
                    problems.push(Problem::new(&file.path, line, message));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn other_uses_of_the_words_pass() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "// todo!() in a comment\nfn f(todo: u8) -> bool { todo != 1 && g(\"dbg!(x)\") }\n",
        )]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn placeholders_fail_even_inside_macros() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "fn f() {\n    assert!(dbg!(true));\n    std::unimplemented!{}\n}\nfn g() { todo!() }\n",
        )]);
        let mut problems = fixture::run(check, &workspace);
        problems.sort();
        let places: Vec<&str> =
            problems.iter().filter_map(|problem| problem.split(" must").next()).collect();
        assert_eq!(
            places,
            [
                "crates/a/src/lib.rs:2: `dbg!`",
                "crates/a/src/lib.rs:3: `unimplemented!`",
                "crates/a/src/lib.rs:5: `todo!`"
            ]
        );
    }
}
