//! Modules that stand beside each other do not need each other in a circle.
//!
//! Looks at shipped code only. A path that starts with `crate`, `super` or `self` is followed
//! through modules and through what they import under a name of their own, to the module that
//! has the item; a path that a macro's arguments hold counts as well. Parent and child may know
//! each other. What other paths mean is not looked up: within a crate they start from an import,
//! which is seen itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::tidy::module_paths::{Crate, Module};
use crate::tidy::problem::Problem;
use crate::tidy::workspace::Workspace;

/// Circles that are there, by the parent's file and the children. The list only becomes shorter:
/// an entry that is not needed is a problem.
const KNOWN: &[(&str, &[&str])] = &[
    // Scalars may be made of rows, and rows of scalars.
    ("crates/kql-bind/src/tree.rs", &["expr", "relation"]),
    // A grammar's parts hold each other.
    ("crates/kql-syntax/src/ast.rs", &["clause", "expr", "operator", "statement"]),
    ("crates/rule-file/src/lib.rs", &["arm", "document", "export", "fields"]),
    ("crates/rule-file/src/lib.rs", &["definition", "lint", "rule"]),
];

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for package in &workspace.packages {
        for target in package.targets.iter().filter(|target| !target.test) {
            let modules = Crate::read(&target.root, &workspace.files);
            for circle in circles(&modules) {
                let problem = circle.problem(&modules, &target.root);
                let known = KNOWN.iter().position(|(file, children)| {
                    problem.path == Path::new(file) && circle.children.iter().eq(children.iter())
                });
                match known {
                    Some(place) => {
                        seen.insert(place);
                    }
                    None => problems.push(problem),
                }
            }
        }
    }
    for (place, (file, children)) in KNOWN.iter().enumerate() {
        let is_here = workspace.files.iter().any(|of| of.path == Path::new(file));
        if is_here && !seen.contains(&place) {
            let message = format!(
                "{} are no circle of just these modules: change the list",
                children.join(", ")
            );
            problems.push(Problem::new(Path::new(file), 1, message));
        }
    }
}

/// Modules of one parent, each of which needs the others.
struct Circle {
    /// The parent's path.
    parent: Vec<String>,
    /// The children's names, each once.
    children: BTreeSet<String>,
}

impl Circle {
    fn problem(&self, modules: &Crate, root: &Path) -> Problem {
        let parent = if self.parent.is_empty() {
            "the crate's root".to_owned()
        } else {
            format!("`{}`", self.parent.join("::"))
        };
        let names: Vec<String> = self.children.iter().map(|name| format!("`{name}`")).collect();
        let uses: Vec<String> = self.uses(modules).into_iter().collect();
        let file = modules.module(&self.parent).map_or(root, |module| module.path.as_path());
        let message = format!(
            "modules of {parent} need each other in a circle: {}; move what they share into a \
             module that they all stand on ({})",
            names.join(", "),
            uses.join("; ")
        );
        Problem::new(file, 1, message)
    }

    /// One use of each child by each other child.
    fn uses(&self, modules: &Crate) -> BTreeSet<String> {
        let mut first: BTreeMap<(String, String), String> = BTreeMap::new();
        for (from, used) in edges(modules) {
            let Some((parent, a, b)) = fork(&from.name, &used) else { continue };
            if parent == self.parent && self.children.contains(a) && self.children.contains(b) {
                let text = format!("{} uses `{}`", from.path.display(), used.join("::"));
                first.entry((a.clone(), b.clone())).or_insert(text);
            }
        }
        first.into_values().collect()
    }
}

/// Each module with each module that it uses.
fn edges(modules: &Crate) -> impl Iterator<Item = (&Module, Vec<String>)> {
    modules.modules().flat_map(move |module| {
        module.paths.iter().map(move |path| (module, modules.resolve(&module.name, path)))
    })
}

/// Where two modules part: their common parent and its two children; nothing if one holds the
/// other.
fn fork<'a>(a: &'a [String], b: &'a [String]) -> Option<(&'a [String], &'a String, &'a String)> {
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    Some((a.get(..common)?, a.get(common)?, b.get(common)?))
}

fn circles(modules: &Crate) -> Vec<Circle> {
    let mut needs: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (from, used) in edges(modules) {
        if let Some((parent, a, b)) = fork(&from.name, &used) {
            let children = needs.entry(parent.to_vec()).or_default();
            children.entry(a.clone()).or_default().insert(b.clone());
        }
    }
    let mut found = Vec::new();
    for (parent, children) in &needs {
        let mut told: BTreeSet<&String> = BTreeSet::new();
        for child in children.keys() {
            let reached = reached(children, child);
            let circle: BTreeSet<String> = reached
                .iter()
                .filter(|other| self::reached(children, other).contains(child))
                .map(|other| (*other).clone())
                .collect();
            if circle.len() > 1 && told.insert(child) {
                told.extend(reached.iter().filter(|other| circle.contains(**other)));
                found.push(Circle { parent: parent.clone(), children: circle });
            }
        }
    }
    found
}

/// What `start` needs, by however many steps.
fn reached<'a>(
    needs: &'a BTreeMap<String, BTreeSet<String>>,
    start: &String,
) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&String> = needs.get(start).into_iter().flatten().collect();
    while let Some(next) = ahead.pop() {
        if reached.insert(next) {
            ahead.extend(needs.get(next).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        fixture::run(check, &fixture::one_crate(files))
    }

    #[test]
    fn one_direction_passes_and_so_do_parents_with_their_children() {
        let found = problems(&[
            ("src/lib.rs", "mod a; mod b; pub struct Root; use a::A;"),
            ("src/a.rs", "use crate::b::B; use super::Root; pub struct A; mod inner;"),
            ("src/a/inner.rs", "use super::A; fn f(b: crate::b::B) {}"),
            ("src/b.rs", "pub struct B;"),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_circle_of_three_is_told_once_with_the_uses_that_make_it() {
        let found = problems(&[
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", "use crate::{b::B, Nothing};"),
            ("src/b.rs", "mod deep;"),
            ("src/b/deep.rs", "fn f() { assert!(super::super::c::f()) }"),
            ("src/c.rs", "pub fn f() -> crate::a::A {}"),
        ]);
        assert_eq!(
            found,
            ["crates/a/src/lib.rs:1: modules of the crate's root need each other in a circle: \
              `a`, `b`, `c`; move what they share into a module that they all stand on \
              (crates/a/src/a.rs uses `b`; crates/a/src/b/deep.rs uses `c`; crates/a/src/c.rs \
              uses `a`)"]
        );
    }

    #[test]
    fn what_a_parent_hands_on_is_followed_to_where_it_is() {
        let found = problems(&[
            ("src/lib.rs", "mod a; mod b; pub use b::{B, other as handed};"),
            ("src/a.rs", "use crate::handed;"),
            ("src/b.rs", "use super::a::A; pub struct B; pub fn other() {}"),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn tests_may_need_what_they_like() {
        let found = problems(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::B; pub struct A;"),
            ("src/b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
        ]);
        assert_eq!(found, [""; 0]);
    }
}
