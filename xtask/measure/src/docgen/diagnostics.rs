//! A page for each code, with an example and what is said of it, and their index.

use engine::Environment;
use kql_syntax::Explanation;

use super::{Page, cell, page};

/// Returns the pages of all codes, and the index.
pub(super) fn pages() -> Vec<Page> {
    let mut all: Vec<&Explanation> =
        engine::explanations().chain(rule_file::code::EXPLANATIONS).collect();
    all.sort_by_key(|explanation| explanation.code);
    let environment = Environment::builtin(tables::Environment::Both).without_views();
    let mut pages = vec![index(&all)];
    pages.extend(all.into_iter().map(|explanation| code_page(explanation, &environment)));
    pages
}

fn index(all: &[&Explanation]) -> Page {
    let rows: Vec<String> = all
        .iter()
        .map(|Explanation { code, summary, .. }| {
            format!("| [{code}]({code}.md) | {} |\n", cell(summary))
        })
        .collect();
    let body = format!(
        "1xx is syntax, 2xx names, 3xx types, 4xx limits, 5xx the rule around the query, 9xx valid \
         KQL that does not run yet. `quarry check --explain KQL0201` shows a page offline.\n\n\
         | code | |\n|---|---|\n{}",
        rows.concat()
    );
    page("diagnostics/README.md", "Diagnostics", &body)
}

fn code_page(explanation: &Explanation, environment: &Environment) -> Page {
    let Explanation { code, summary, text, example } = explanation;
    let mut body = (*text).to_owned();
    if !example.is_empty() {
        let said = match engine::compile(example, environment, false) {
            Ok(compiled) => compiled.warnings,
            Err(diagnostics) => diagnostics,
        };
        let said: Vec<_> = said.into_iter().filter(|it| it.code == *code).collect();
        let shown = kql_syntax::render("example.kql", example, &said, false);
        body = format!("{body}\n\n## Example\n\n```kql\n{example}\n```\n\n```text\n{shown}```");
    }
    page(&format!("diagnostics/{code}.md"), &format!("{code}: {summary}"), &body)
}
