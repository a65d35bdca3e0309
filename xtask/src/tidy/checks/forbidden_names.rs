//! No folder, file or module is called `utils` or the like: its concept has no name yet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::ItemMod;
use syn::visit::{self, Visit};

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const FORBIDDEN: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// `string_utils` says no more than `utils`, while `common_prefix` may be an idea of its own.
const FORBIDDEN_ENDS: &[&str] = &["_utils", "_util", "_helpers", "_helper", "_misc"];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let mut reported: BTreeSet<PathBuf> = BTreeSet::new();
    for file in &workspace.files {
        for path in file.path.ancestors() {
            if path.file_stem().is_some_and(|name| is_forbidden(&name.to_string_lossy()))
                && reported.insert(path.to_path_buf())
            {
                problems.push(problem(path, 1, &path.display().to_string()));
            }
        }
        let mut modules = InlineModules { path: &file.path, problems };
        modules.visit_file(&file.syntax);
    }
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.contains(&name) || FORBIDDEN_ENDS.iter().any(|end| name.ends_with(end))
}

fn problem(path: &Path, line: usize, name: &str) -> Problem {
    Problem::new(path, line, format!("`{name}` names no idea: call it after what it holds"))
}

/// Modules that have no file of their own.
struct InlineModules<'a> {
    path: &'a Path,
    problems: &'a mut Vec<Problem>,
}

impl<'ast> Visit<'ast> for InlineModules<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        if item.content.is_some() && is_forbidden(&name) {
            let line = item.ident.span().start().line;
            self.problems.push(problem(self.path, line, &name));
        }
        visit::visit_item_mod(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn names_of_ideas_pass() {
        let workspace = fixture::one_crate(&[
            ("src/lib.rs", "mod common_prefix; mod ticks { }"),
            ("src/common_prefix.rs", ""),
        ]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn files_folders_and_inline_modules_fail() {
        let workspace = fixture::one_crate(&[
            ("src/helpers/a.rs", ""),
            ("src/helpers/b.rs", ""),
            ("src/lib.rs", "\nmod misc { }"),
            ("src/text_utils.rs", ""),
        ]);
        let problems = fixture::run(check, &workspace);
        let places: Vec<&str> =
            problems.iter().filter_map(|problem| problem.split(": ").next()).collect();
        assert_eq!(
            places,
            ["crates/a/src/helpers:1", "crates/a/src/lib.rs:2", "crates/a/src/text_utils.rs:1"]
        );
    }
}
