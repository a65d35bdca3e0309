//! Every file starts with `//!`: what it is for, what goes in and out, what it does not do.

use syn::{AttrStyle, Attribute};

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        if !file.syntax.attrs.iter().any(is_header) {
            let message = "no `//!` header: say in one to six lines what this file is for, what \
                           goes in and out, and what it does not do";
            problems.push(Problem::new(&file.path, 1, message));
        }
    }
}

fn is_header(attribute: &Attribute) -> bool {
    matches!(attribute.style, AttrStyle::Inner(_)) && attribute.path().is_ident("doc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn a_header_passes() {
        let workspace = fixture::one_crate(&[("src/lib.rs", "//! Adds.\n\nfn add() {}\n")]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn comments_attributes_and_outer_docs_are_no_header() {
        let workspace = fixture::one_crate(&[(
            "src/lib.rs",
            "// Adds.\n#![warn(missing_docs)]\n/// Adds.\nfn add() {}\n",
        )]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("crates/a/src/lib.rs:1: no `//!` header"));
    }
}
