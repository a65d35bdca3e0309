//! A crate depends only on the crates that the design lets it know.
//!
//! Dev-dependencies are free: a test may put any stages together.

use crate::tidy::problem::Problem;
use crate::tidy::workspace::{Package, Workspace};

/// What of ours a crate may depend on.
enum Knows {
    Only(&'static [&'static str]),
    /// The binary and what is not shipped: they put everything together.
    Everything,
}

/// Every crate of the workspace. ARCHITECTURE.md says what each must not know, and why.
const ALLOWED: &[(&str, Knows)] = &[
    ("kql-types", Knows::Only(&[])),
    ("kql-syntax", Knows::Only(&[])),
    ("kql-bind", Knows::Only(&["kql-syntax", "kql-types"])),
    // The typed tree speaks of spans and operators in the parser's words.
    ("kql-datafusion", Knows::Only(&["kql-bind", "kql-syntax", "kql-types"])),
    ("tables", Knows::Only(&["kql-types"])),
    ("kql-language", Knows::Only(&["kql-bind", "kql-syntax", "kql-types", "tables"])),
    ("lsp", Knows::Only(&["kql-bind", "kql-language", "kql-syntax", "rule-file"])),
    ("windows-event-model", Knows::Only(&[])),
    ("evtx-arrow", Knows::Only(&["windows-event-model"])),
    ("sources", Knows::Only(&["evtx-arrow", "kql-types", "windows-event-model"])),
    (
        "engine",
        Knows::Only(&[
            "evtx-arrow",
            "kql-bind",
            "kql-datafusion",
            "kql-syntax",
            "kql-types",
            "sources",
            "tables",
            "windows-event-model",
        ]),
    ),
    // It keeps what readers yield; which of its files a query needs is the engine's affair.
    ("lake", Knows::Only(&["evtx-arrow", "kql-types", "sources", "tables", "windows-event-model"])),
    ("rule-file", Knows::Only(&["kql-syntax", "kql-types"])),
    // Data in, data out: it reads what a rule's file says and runs nothing.
    ("sentinel", Knows::Only(&["kql-types", "rule-file"])),
    // It deletes predicates of rules to test their tests, so it has to know where they stand.
    ("detection", Knows::Only(&["engine", "kql-syntax", "kql-types", "rule-file", "sentinel"])),
    // It runs queries of its own beside the rules: whose address was whose, who logged on where.
    ("lateral", Knows::Only(&["detection", "engine", "kql-types"])),
    ("report", Knows::Only(&["detection", "kql-types", "lateral", "sentinel"])),
    ("state", Knows::Only(&[])),
    (
        "watch",
        Knows::Only(&[
            "detection",
            "engine",
            "kql-types",
            "lake",
            "lateral",
            "report",
            "sentinel",
            "sources",
            "state",
        ]),
    ),
    // It frames results by protocol; what runs on schedule comes from `detection`.
    (
        "service",
        Knows::Only(&[
            "engine",
            "kql-language",
            "kql-syntax",
            "kql-types",
            "lake",
            "report",
            "sources",
            "state",
            "watch",
        ]),
    ),
    // Both sides of what workers do. It listens as the service does.
    ("cluster", Knows::Only(&["engine", "kql-types", "lake", "service", "sources"])),
    ("quarry", Knows::Everything),
    ("testkit", Knows::Only(&[])),
    ("xtask", Knows::Everything),
    ("measure", Knows::Everything),
    ("benches", Knows::Everything),
    ("fuzz", Knows::Everything),
];

/// The crate that only tests may depend on.
const TESTKIT: &str = "testkit";

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<Problem>) {
    let is_ours = |name: &str| workspace.packages.iter().any(|package| package.name == name);
    for package in &workspace.packages {
        let Some((_, knows)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
            problems.push(unlisted(package));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.dev) {
            if is_ours(&dependency.name)
                && let Some(message) = forbidden_edge(&package.name, knows, &dependency.name)
            {
                let line = package.line_of_dependency(&dependency.name);
                problems.push(Problem::new(&package.manifest_path(), line, message));
            }
        }
    }
}

fn unlisted(package: &Package) -> Problem {
    let message = format!(
        "crate `{}` has no row in the list of allowed edges: add one in `{}` and say why in the \
         commit",
        package.name,
        file!()
    );
    Problem::new(&package.manifest_path(), 1, message)
}

/// Returns what is wrong with `from` depending on `to`, if anything.
fn forbidden_edge(from: &str, knows: &Knows, to: &str) -> Option<String> {
    // `measure` takes the same measures as tests do, and is no part of the product.
    if to == TESTKIT && from != "measure" {
        return Some(format!("`{TESTKIT}` is for tests: move it to [dev-dependencies]"));
    }
    let Knows::Only(allowed) = knows else { return None };
    if allowed.contains(&to) {
        return None;
    }
    let allowed = if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") };
    Some(format!(
        "`{from}` must not depend on `{to}` (allowed: {allowed}): move the code, or change the \
         list in `{}` and say why in the commit",
        file!()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::fixture;

    #[test]
    fn listed_edges_and_dev_dependencies_pass() {
        let workspace = fixture::crates(&[
            ("kql-syntax", &["dev:testkit"]),
            ("kql-types", &[]),
            ("kql-bind", &["kql-syntax", "kql-types", "serde"]),
            ("kql-datafusion", &["kql-bind", "dev:kql-syntax"]),
            ("testkit", &[]),
            ("quarry", &["kql-syntax"]),
        ]);
        assert_eq!(fixture::run(check, &workspace), [""; 0]);
    }

    #[test]
    fn an_edge_against_the_way_of_the_data_fails_where_the_manifest_names_it() {
        let workspace =
            fixture::crates(&[("kql-syntax", &["kql-types"]), ("kql-types", &["kql-syntax"])]);
        let problems = fixture::run(check, &workspace);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with(
            "crates/kql-syntax/Cargo.toml:2: `kql-syntax` must not depend on `kql-types` \
             (allowed: none of ours)"
        ));
    }

    #[test]
    fn testkit_as_a_normal_dependency_fails_even_for_the_binary() {
        let workspace = fixture::crates(&[("quarry", &["testkit"]), ("testkit", &[])]);
        assert_eq!(
            fixture::run(check, &workspace),
            ["crates/quarry/Cargo.toml:2: `testkit` is for tests: move it to [dev-dependencies]"]
        );
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        let problems = fixture::run(check, &fixture::crates(&[("novelty", &[])]));
        assert!(problems[0].contains("crate `novelty` has no row"), "{problems:?}");
    }
}
