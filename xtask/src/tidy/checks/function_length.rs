//! A function has at most [`MAX_LINES`] lines, tests included.
//!
//! Fifty is long already; the rest is for one flat `match`. Counted from `fn` to the closing brace.

use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

const MAX_LINES: usize = 100;

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    for file in &workspace.files {
        let mut functions = Functions { path: &file.path, problems };
        functions.visit_file(&file.syntax);
    }
}

struct Functions<'a> {
    path: &'a Path,
    problems: &'a mut Vec<Problem>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &Signature, body: &Block) {
        let first = signature.fn_token.span.start().line;
        let last = body.brace_token.span.close().end().line;
        let lines = last.saturating_sub(first).saturating_add(1);
        if lines > MAX_LINES {
            let message = format!(
                "function `{}` has {lines} lines, {MAX_LINES} allowed: give its steps names and \
                 functions of their own",
                signature.ident
            );
            self.problems.push(Problem::new(self.path, first, message));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    ();\n".repeat(lines.saturating_sub(2)))
    }

    #[test]
    fn a_hundred_lines_pass() {
        let workspace = fixture::one_crate(&[("src/lib.rs", &function(100))]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn longer_functions_fail_wherever_they_stand() {
        let function = function(101);
        let text = format!(
            "{function}impl A {{\n{function}}}\ntrait T {{\n{function}}}\nmod m {{\n{function}}}\n"
        );
        let workspace = fixture::one_crate(&[("src/lib.rs", &text)]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(
            problems[1]
                .starts_with("crates/a/src/lib.rs:103: function `f` has 101 lines, 100 allowed")
        );
    }
}
