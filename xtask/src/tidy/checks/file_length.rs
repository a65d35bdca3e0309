//! A source file has at most [`MAX_LINES`] lines, tests not counted.

use std::path::Path;

use syn::ItemMod;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tidy::module_tree::is_test_only;
use crate::tidy::problem::Problem;
use crate::tidy::source_file::SourceFile;
use crate::tidy::workspace::Workspace;

const MAX_LINES: usize = 500;

/// Files of nothing but data that may be longer, each with the reason why splitting it would not
/// help a reader.
const DATA_FILES: &[(&str, &str)] = &[];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    check_with(DATA_FILES, workspace, problems);
}

fn check_with(data_files: &[(&str, &str)], workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        let exempt = data_files.iter().any(|(path, _)| Path::new(path) == file.path);
        let lines = lines_outside_tests(file);
        let too_long = lines > MAX_LINES && !workspace.is_test_file(&file.path);
        if too_long && !exempt {
            let message = format!(
                "{lines} lines without tests, {MAX_LINES} allowed: split it by idea, one file each"
            );
            problems.push(Problem::new(&file.path, 1, message));
        } else if exempt && !too_long {
            let message = format!(
                "is in the list of long data files but has {lines} lines: take it off the list \
                 in `{}`",
                file!()
            );
            problems.push(Problem::new(&file.path, 1, message));
        }
    }
}

fn lines_outside_tests(file: &SourceFile) -> usize {
    let mut modules = TestModules { lines: 0 };
    modules.visit_file(&file.syntax);
    file.text.lines().count().saturating_sub(modules.lines)
}

/// Counts the lines of `#[cfg(test)]` modules.
struct TestModules {
    lines: usize,
}

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test_only(&item.attrs) {
            let span = item.span();
            let lines = span.end().line.saturating_sub(span.start().line).saturating_add(1);
            self.lines = self.lines.saturating_add(lines);
        } else {
            visit::visit_item_mod(self, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    /// Returns text of `lines` lines of code and a test module of another 400.
    fn text(lines: usize) -> String {
        let code = "const _: () = ();\n".repeat(lines);
        let tests = "    const _: () = ();\n".repeat(397);
        format!("{code}#[cfg(test)]\nmod tests {{\n{tests}}}\n")
    }

    #[test]
    fn five_hundred_lines_and_any_number_of_test_lines_pass() {
        let workspace = fixture::one_crate(&[("src/lib.rs", &text(500))]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn one_line_more_fails() {
        let workspace = fixture::one_crate(&[("src/lib.rs", &text(501))]);
        assert_eq!(
            fixture::run(check, &workspace),
            ["crates/a/src/lib.rs:1: 501 lines without tests, 500 allowed: split it by idea, one \
              file each"]
        );
    }

    #[test]
    fn files_of_a_test_target_are_not_counted() {
        let workspace = fixture::one_crate(&[("tests/it/main.rs", &text(501))]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn a_listed_data_file_may_be_long_and_must_need_it() {
        let list = [("crates/a/src/lib.rs", "a table")];
        let long = fixture::one_crate(&[("src/lib.rs", &text(501))]);
        let short = fixture::one_crate(&[("src/lib.rs", &text(10))]);
        let mut problems = Vec::new();
        check_with(&list, &long, &mut problems);
        assert_eq!(problems, []);
        check_with(&list, &short, &mut problems);
        assert!(problems[0].message.contains("take it off the list"), "{problems:?}");
    }
}
