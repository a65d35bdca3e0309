//! The page of tabular operators and statements.

use kql_language::OperatorDocs;

use super::{Feature, Page, cell, example::runs};

/// The rows that the examples read.
const ROWS: &str =
    "let T = datatable (k: string, n: long, t: datetime, d: dynamic, s: string) [];\n";

/// Returns the page.
pub(super) fn page() -> (Page, Feature) {
    let (mut running, mut all) = (0_usize, 0_usize);
    let mut rows = Vec::new();
    let lists =
        [("Operators", kql_language::operators()), ("Statements", kql_language::statements())];
    for (title, list) in lists {
        rows.push(format!("\n## {title}\n\n| syntax | runs | |\n|---|---|---|\n"));
        for OperatorDocs { syntax, summary, example } in list {
            let is_running = runs(&format!("{ROWS}{example}")) == Some(true);
            all = all.saturating_add(1);
            running = running.saturating_add(usize::from(is_running));
            let runs = if is_running { "yes" } else { "" };
            let (syntax, example) = (cell(syntax), cell(example));
            rows.push(format!("| `{syntax}` | {runs} | {summary}<br>`{example}` |\n"));
        }
    }
    let feature = Feature { kind: "Operators and statements", page: "operators.md", running, all };
    (super::page("operators.md", "Operators and statements", &rows.concat()), feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_valid() {
        let all = kql_language::operators().iter().chain(kql_language::statements());
        for OperatorDocs { example, .. } in all {
            assert!(runs(&format!("{ROWS}{example}")).is_some(), "{example}");
        }
    }
}
