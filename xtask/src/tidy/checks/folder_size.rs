//! A folder has at most [`MAX_FILES`] Rust files: more are not looked through, they are searched.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const MAX_FILES: usize = 15;

/// Folders that are still larger. The list only becomes shorter: an entry that is not needed is a
/// problem.
const LARGER: &[&str] = &["crates/rule-file/src", "crates/rule-file/src/lint"];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let mut folders: BTreeMap<&Path, usize> = BTreeMap::new();
    for file in &workspace.files {
        // The module's own file stands with its children, but is not one of them.
        let children =
            !["mod.rs", "lib.rs", "main.rs"].iter().any(|name| file.path.ends_with(name));
        if let Some(folder) = file.path.parent()
            && children
        {
            let count = folders.entry(folder).or_default();
            *count = count.saturating_add(1);
        }
    }
    for folder in LARGER.iter().map(Path::new) {
        if folders.get(folder).is_some_and(|count| *count <= MAX_FILES) {
            let message = "is small enough and still in the list of larger folders: take it out";
            problems.push(Problem::new(folder, 1, message));
        }
    }
    for (folder, count) in folders {
        if count > MAX_FILES && !LARGER.iter().any(|larger| folder == Path::new(larger)) {
            let message = format!(
                "{count} modules stand side by side, {MAX_FILES} allowed: group those that belong \
                 together in a folder of their own"
            );
            problems.push(Problem::new(folder, 1, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    fn folder(files: usize) -> Vec<String> {
        let names: Vec<String> = (0..files).map(|file| format!("src/m{file}.rs")).collect();
        let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        files.push(("src/lib.rs", ""));
        fixture::run(check, &fixture::one_crate(&files))
    }

    #[test]
    fn fifteen_beside_the_root_pass() {
        assert_eq!(folder(15), [""; 0]);
    }

    #[test]
    fn sixteen_fail() {
        assert_eq!(
            folder(16),
            ["crates/a/src:1: 16 modules stand side by side, 15 allowed: group those that belong \
              together in a folder of their own"]
        );
    }
}
