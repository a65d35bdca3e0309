//! Every function's examples give what they say.

use kql_datafusion::{accumulators, aggregations, kernels, scalar_functions};

use crate::runner::{Outcome, messages, run};

#[test]
fn examples_of_functions_are_true() {
    let mut lies = Vec::new();
    for function in scalar_functions() {
        assert!(!function.examples.is_empty(), "`{}` has no example", function.name);
        for example in function.examples {
            let found = match run(&format!("print tostring({})", example.query)) {
                Outcome::Ran(answer) => answer.rows[0][0].as_str().unwrap().to_owned(),
                Outcome::Invalid(found) | Outcome::Refused(found) => messages(&found),
                Outcome::Failed(error) => error,
            };
            if found != example.result {
                lies.push(format!("{} = `{found}`, not `{}`", example.query, example.result));
            }
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

#[test]
fn examples_of_other_calls_are_true() {
    let mut lies = Vec::new();
    for docs in kql_language::CALLS {
        let value = match run(docs.example) {
            Outcome::Ran(answer) => {
                assert_eq!(answer.rows.len(), 1, "{}", docs.example);
                run(&format!("{} | project tostring(['{}'])", docs.example, answer.columns[0].0))
            }
            outcome => outcome,
        };
        let found = match value {
            Outcome::Ran(answer) => answer.rows[0][0].as_str().unwrap().to_owned(),
            Outcome::Invalid(found) | Outcome::Refused(found) => messages(&found),
            Outcome::Failed(error) => error,
        };
        if found != docs.result {
            lies.push(format!("{} = `{found}`, not `{}`", docs.example, docs.result));
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

#[test]
fn functions_are_the_catalogues_and_described() {
    for function in scalar_functions() {
        let known = kql_bind::functions::scalar(function.name);
        assert!(known.is_some_and(|it| it.name == function.name), "`{}`", function.name);
        assert!(function.summary.ends_with('.'), "`{}`: {}", function.name, function.summary);
        assert!(function.source.starts_with("https://learn.microsoft.com/kusto/query/"));
    }
}

#[test]
fn aggregates_are_the_catalogues_and_described() {
    for aggregation in aggregations() {
        let known = kql_bind::functions::aggregate(aggregation.name);
        assert!(known.is_some_and(|it| it.name == aggregation.name), "`{}`", aggregation.name);
        assert!(aggregation.summary.ends_with('.'), "`{}`", aggregation.name);
        assert!(aggregation.source.starts_with("https://learn.microsoft.com/kusto/query/"));
    }
}

#[test]
fn kernels_have_names_of_their_own() {
    let kernels = kernels().map(|kernel| kernel.name().to_owned());
    let accumulators = accumulators().map(|accumulator| accumulator.name().to_owned());
    let mut names: Vec<String> = kernels.chain(accumulators).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.iter().all(|name| name.starts_with("kql_")), "{names:?}");
}
