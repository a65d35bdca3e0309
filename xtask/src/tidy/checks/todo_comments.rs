//! A comment that defers work names the issue that will do it: `TODO(#12): …`.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const MARK: &str = "TODO";

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        for comment in &file.comments {
            if has_bare_mark(&comment.text) {
                let message = format!(
                    "`{MARK}` without a reference: write `{MARK}(#12): …` naming an open issue, \
                     or do it"
                );
                problems.push(Problem::new(&file.path, comment.line, message));
            }
        }
    }
}

/// Returns whether the comment has the mark without an issue; a mark in backticks is text.
fn has_bare_mark(comment: &str) -> bool {
    comment.match_indices(MARK).any(|(start, _)| {
        let before = comment.get(..start).unwrap_or_default();
        let after = comment.get(start.saturating_add(MARK.len())..).unwrap_or_default();
        let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '`')
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        is_word && !names_issue(after)
    })
}

/// Returns whether the text goes on with an issue's number, as in `(#12)`.
fn names_issue(after: &str) -> bool {
    let Some((number, _)) = after.strip_prefix("(#").and_then(|rest| rest.split_once(')')) else {
        return false;
    };
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn marks_with_an_issue_and_other_words_pass() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "// TODO(#12): later. `TODO` in backticks, TODOS and MY_TODO are text.\n\
             const S: &str = \"TODO\";\n",
        )]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn bare_marks_fail_in_every_kind_of_comment() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "//! TODO\n/// TODO: x\nfn f() {} // TODO(me) y\n/* a\n TODO() */\n",
        )]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems[3].starts_with("crates/a/src/lib.rs:5: `TODO` without a reference"));
    }
}
