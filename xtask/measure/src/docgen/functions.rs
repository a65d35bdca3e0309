//! Pages of functions: signatures from the catalogue, summaries and examples from what runs; and the same
//! as data, for editors.

use std::collections::BTreeMap;

use kql_bind::functions::{self, Function};
use kql_datafusion::{ScalarFunction, aggregations};
use kql_language::CALLS;

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
            let docs = self.docs(function.canonical);
            let call = self.documented.get(function.canonical).and_then(|it| it.examples.first());
            let runs = function_runs(function, self.before, call.map(|it| it.query));
            feature.all = feature.all.saturating_add(1);
            feature.running = feature.running.saturating_add(usize::from(runs.is_running()));
            let summary = summary(function, &docs.summary);
            let (query, result) = docs.example;
            data.push([self.name, function.name, runs.text(), &summary, query, result].join("\t"));
            text.push_str(&row(function, runs, &summary, (query, result)));
        }
        text.push('\n');
        text
    }

    /// Returns what is written of a function, wherever that is.
    fn docs(&self, name: &str) -> Docs {
        if let Some(kernel) = self.documented.get(name) {
            let example = kernel.examples.first().map_or(("", ""), |it| (it.query, it.result));
            return Docs { summary: kernel.summary.to_owned(), example };
        }
        let call = CALLS.iter().find(|docs| docs.kind == self.name && docs.name == name);
        let example = call.map_or(("", ""), |docs| (docs.example, docs.result));
        let summary = call.map_or("", |docs| docs.summary).to_owned();
        let summary = if summary.is_empty() { self.summary_of_aggregate(name) } else { summary };
        Docs { summary, example }
    }

    /// Returns what an aggregate says of itself, or what the one says that a condition is added to.
    fn summary_of_aggregate(&self, name: &str) -> String {
        let own = |name: &str| {
            let found = aggregations().find(|it| self.name == "aggregate" && it.name == name);
            found.map(|aggregation| aggregation.summary.to_owned())
        };
        let of_some_rows = || {
            let base = name.strip_suffix("_if").or_else(|| name.strip_suffix("if"))?;
            own(base).map(|_| format!("As `{base}`, of the rows for which a predicate is true."))
        };
        own(name).or_else(of_some_rows).unwrap_or_default()
    }
}

/// What is written of a function; empty where nobody has written it.
struct Docs {
    summary: String,
    /// A call or a query, and its result.
    example: (&'static str, &'static str),
}

/// Returns what a function does, in a sentence or two, and under which name it is otherwise known.
fn summary(function: &Function, summary: &str) -> String {
    if function.name == function.canonical {
        return summary.to_owned();
    }
    format!("The same as `{}`. {summary}", function.canonical).trim_end().to_owned()
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
