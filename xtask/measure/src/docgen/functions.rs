//! Pages of functions: signatures from the catalogue, summaries and examples from what runs; and the same
//! as data, for editors.

use std::collections::BTreeMap;

use kql_bind::functions::{self, Function};
use kql_datafusion::ScalarFunction;

use super::{
    Feature, Page, cell,
    example::{Runs, function_runs},
    page,
};

/// A page, what it says in total, and its functions as lines of data.
pub(super) type Documented = (Page, Feature, Vec<String>);

/// A kind of function, and what is written of it.
struct Kind<'k> {
    /// As data names it.
    name: &'static str,
    /// The operator that calls it, in examples.
    before: &'static str,
    documented: &'k BTreeMap<&'static str, &'static ScalarFunction>,
}

/// Returns the page of scalar functions.
pub(super) fn scalars() -> Documented {
    let documented =
        kql_datafusion::scalar_functions().map(|function| (function.name, function)).collect();
    let kind = Kind { name: "scalar", before: "project r =", documented: &documented };
    let mut feature =
        Feature { kind: "Scalar functions", page: "functions.md", running: 0, all: 0 };
    let (mut sections, mut data) = (Vec::new(), Vec::new());
    for (title, group) in functions::scalar_groups() {
        let table = kind.table(group, &mut feature, &mut data);
        sections.push(format!("## {title}\n\n{table}"));
    }
    (page("functions.md", "Scalar functions", &sections.concat()), feature, data)
}

/// Returns the page of aggregates.
pub(super) fn aggregates() -> Documented {
    let mut feature = Feature { kind: "Aggregates", page: "aggregates.md", running: 0, all: 0 };
    let all: Vec<Function> = functions::aggregates().copied().collect();
    let kind = Kind { name: "aggregate", before: "summarize", documented: &BTreeMap::new() };
    let mut data = Vec::new();
    let body = "Used in `summarize`, and in `make-series`, `mv-apply` and the like.\n\n".to_owned()
        + &kind.table(&all, &mut feature, &mut data);
    (page("aggregates.md", "Aggregates", &body), feature, data)
}

/// Returns the page of plugins.
pub(super) fn plugins() -> Documented {
    let mut feature = Feature { kind: "Plugins", page: "plugins.md", running: 0, all: 0 };
    let all: Vec<Function> = functions::plugins().copied().collect();
    let kind = Kind { name: "plugin", before: "evaluate", documented: &BTreeMap::new() };
    let mut data = Vec::new();
    let body = "Called by `evaluate`.\n\n".to_owned() + &kind.table(&all, &mut feature, &mut data);
    (page("plugins.md", "Plugins", &body), feature, data)
}

impl Kind<'_> {
    fn table(&self, group: &[Function], feature: &mut Feature, data: &mut Vec<String>) -> String {
        let mut sorted: Vec<&Function> = group.iter().collect();
        sorted.sort_by_key(|function| function.name);
        let mut text = "| signature | runs | |\n|---|---|---|\n".to_owned();
        for function in sorted {
            let docs = self.documented.get(function.canonical).copied();
            let example = docs.and_then(|docs| docs.examples.first());
            let runs = function_runs(function, self.before, example.map(|it| it.query));
            feature.all = feature.all.saturating_add(1);
            feature.running = feature.running.saturating_add(usize::from(runs.is_running()));
            let summary = summary(function, docs);
            let (query, result) = example.map_or(("", ""), |it| (it.query, it.result));
            data.push([self.name, function.name, runs.text(), &summary, query, result].join("\t"));
            text.push_str(&row(function, runs, &summary, (query, result)));
        }
        text.push('\n');
        text
    }
}

/// Returns what a function does, in a sentence or two; `""` where nobody has written it.
fn summary(function: &Function, docs: Option<&ScalarFunction>) -> String {
    let older = format!("The same as `{}`.", function.canonical);
    let parts = [
        (function.name != function.canonical).then_some(older.as_str()),
        docs.map(|docs| docs.summary),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn row(function: &Function, runs: Runs, summary: &str, (query, result): (&str, &str)) -> String {
    let mut signatures: Vec<String> = Vec::new();
    for overload in function.overloads {
        let signature = format!("`{}`", kql_language::signature_text(function.name, overload));
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    let signatures = cell(&signatures.join("<br>"));
    let summary = cell(summary);
    let example = if query.is_empty() {
        String::new()
    } else {
        format!("<br>`{}` is `{}`", cell(query), cell(result))
    };
    format!("| {signatures} | {} | {summary}{example} |\n", runs.text())
}
