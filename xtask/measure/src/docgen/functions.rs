//! Pages of functions: signatures from the catalogue, summaries and examples from what runs.

use std::collections::BTreeMap;

use kql_bind::functions::{self, Function, Overload, Param, Returns};
use kql_datafusion::ScalarFunction;

use super::{
    Feature, Page, cell,
    example::{Runs, function_runs},
    page,
};

/// Returns the page of scalar functions.
pub(super) fn scalars() -> (Page, Feature) {
    let documented: BTreeMap<&str, &ScalarFunction> =
        kql_datafusion::scalar_functions().map(|function| (function.name, function)).collect();
    let mut sections = Vec::new();
    let mut feature =
        Feature { kind: "Scalar functions", page: "functions.md", running: 0, all: 0 };
    for (title, group) in functions::scalar_groups() {
        let summary = |function: &Function| {
            documented.get(function.canonical).map_or(String::new(), |known| {
                let example = known.examples.first();
                let example = example.map_or(String::new(), |it| {
                    format!("<br>`{}` is `{}`", cell(it.query), cell(it.result))
                });
                format!("{}{example}", cell(known.summary))
            })
        };
        let example =
            |function: &Function| Some(documented.get(function.canonical)?.examples.first()?.query);
        let table = table(group, "project r =", &mut feature, &summary, &example);
        sections.push(format!("## {title}\n\n{table}"));
    }
    (page("functions.md", "Scalar functions", &sections.concat()), feature)
}

/// Returns the page of aggregates.
pub(super) fn aggregates() -> (Page, Feature) {
    let mut feature = Feature { kind: "Aggregates", page: "aggregates.md", running: 0, all: 0 };
    let all: Vec<Function> = functions::aggregates().copied().collect();
    let body = "Used in `summarize`, and in `make-series`, `mv-apply` and the like.\n\n".to_owned()
        + &table(&all, "summarize", &mut feature, &|_| String::new(), &|_| None);
    (page("aggregates.md", "Aggregates", &body), feature)
}

/// Returns the page of plugins.
pub(super) fn plugins() -> (Page, Feature) {
    let mut feature = Feature { kind: "Plugins", page: "plugins.md", running: 0, all: 0 };
    let all: Vec<Function> = functions::plugins().copied().collect();
    let body = "Called by `evaluate`.\n\n".to_owned()
        + &table(&all, "evaluate", &mut feature, &|_| String::new(), &|_| None);
    (page("plugins.md", "Plugins", &body), feature)
}

fn table(
    group: &[Function],
    before: &str,
    feature: &mut Feature,
    summary: &dyn Fn(&Function) -> String,
    example: &dyn Fn(&Function) -> Option<&'static str>,
) -> String {
    let mut sorted: Vec<&Function> = group.iter().collect();
    sorted.sort_by_key(|function| function.name);
    let mut text = "| signature | runs | |\n|---|---|---|\n".to_owned();
    for function in sorted {
        let runs = function_runs(function, before, example(function));
        feature.all = feature.all.saturating_add(1);
        feature.running = feature.running.saturating_add(usize::from(runs.is_running()));
        text.push_str(&row(function, runs, &summary(function)));
    }
    text.push('\n');
    text
}

fn row(function: &Function, runs: Runs, summary: &str) -> String {
    let mut signatures: Vec<String> = Vec::new();
    for overload in function.overloads {
        let signature = format!("`{}`", signature(function.name, overload));
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    let older = if function.name == function.canonical {
        String::new()
    } else {
        format!("The same as `{}`. ", function.canonical)
    };
    let signatures = cell(&signatures.join("<br>"));
    format!("| {signatures} | {} | {older}{summary} |\n", runs.text())
}

fn signature(name: &str, overload: &Overload) -> String {
    let params: Vec<String> = overload.params.iter().map(param).collect();
    format!("{name}({}): {}", params.join(", "), returns(overload))
}

fn param(param: &Param) -> String {
    let ty = param.ty.describe();
    let text = format!("{}: {}", param.name, ty.trim_matches('`'));
    match (param.least, param.most) {
        (1, 1) => text,
        (0, 1) => format!("[{text}]"),
        (0, _) => format!("[{text}, …]"),
        _ => format!("{text}, …"),
    }
}

fn returns(overload: &Overload) -> String {
    let of = |at: usize| {
        let param = overload.params.get(at).or(overload.params.last());
        param.map_or("argument", |param| param.name)
    };
    match overload.returns {
        Returns::Type(ty) => ty.name().to_owned(),
        Returns::Argument(at) => format!("type of {}", of(at)),
        Returns::ArgumentAsLong(at) => format!("type of {}, long for int", of(at)),
        Returns::Common => "common type of the arguments".to_owned(),
        Returns::CommonNotDynamic => "common type of the arguments that are not dynamic".to_owned(),
        Returns::Widest => "widest type of the arguments".to_owned(),
        Returns::NamedType(_) => "the type named".to_owned(),
        Returns::Columns(columns) => {
            let columns = columns.iter().map(|(suffix, ty)| format!("{suffix}: {ty}"));
            format!("({})", columns.collect::<Vec<_>>().join(", "))
        }
        Returns::Sorted => "one dynamic for each array".to_owned(),
        Returns::Arguments => "one column for each argument".to_owned(),
        Returns::Percentiles => format!("type of {}, one column for each percentile", of(0)),
    }
}
