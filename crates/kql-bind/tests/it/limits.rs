//! Limits: long and deep queries bind or are refused, in time and without overflowing the stack.

use kql_bind::bind;
use kql_syntax::{Severity, parse};

use crate::environment::{Build, Environment};

fn errors(text: &str) -> Vec<String> {
    let environment = Environment::default()
        .with_table("T", "a: long, s: string")
        .with_function("again", "() { again() }");
    let (query, syntax) = parse(text);
    let (_bound, found) = bind(&query, &environment);
    syntax
        .into_iter()
        .chain(found)
        .filter(|it| it.severity == Severity::Error)
        .map(|it| it.code.to_string())
        .collect()
}

#[test]
fn ten_thousand_alternatives_bind() {
    let terms: Vec<String> = (0..10_000).map(|at| format!("s has 'x{at}'")).collect();
    assert_eq!(errors(&format!("T | where {}", terms.join(" or "))), Vec::<String>::new());
}

#[test]
fn deep_brackets_do_not_overflow() {
    let depth = 200;
    let text = format!("T | where {}a == 1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(errors(&text), Vec::<String>::new());
    let nested = format!("T | extend b = {}s{}", "tolower(".repeat(depth), ")".repeat(depth));
    assert_eq!(errors(&nested), Vec::<String>::new());
}

#[test]
fn a_pipeline_too_long_is_refused() {
    assert_eq!(errors(&format!("T {}", "| where a == 1 ".repeat(1_000))), Vec::<String>::new());
    assert_eq!(errors(&format!("T {}", "| where a == 1 ".repeat(5_000))), ["KQL0410"]);
}

#[test]
fn variables_that_double_are_refused() {
    let mut text = String::from("let v0 = T;");
    let names: Vec<String> = (0..40).map(|at| format!("v{at}")).collect();
    for pair in names.windows(2) {
        text += &["let ", &pair[1], " = ", &pair[0], " | union ", &pair[0], ";"].concat();
    }
    text.push_str("v39");
    assert!(errors(&text).contains(&"KQL0411".to_owned()));
}

#[test]
fn scalars_that_double_are_refused_before_they_fill_the_memory() {
    let doubled = |levels: usize, first: &str, sum: &dyn Fn(&str) -> String| {
        let mut text = format!("let v0 = {first};");
        for level in 1..=levels {
            text += "let v";
            text += &level.to_string();
            text += " = ";
            text += &sum(&format!("v{}", level - 1));
            text += ";";
        }
        text + &format!("print v{levels}")
    };
    let plus = |name: &str| format!("{name} + {name}");
    let joined = |name: &str| format!("strcat({name}, {name})");
    let counted = |name: &str| format!("toscalar(print {name}) * {name}");
    assert_eq!(errors(&doubled(10, "1", &plus)), Vec::<String>::new());
    for levels in [20, 40, 400] {
        assert_eq!(errors(&doubled(levels, "1", &plus)), ["KQL0411"]);
        assert_eq!(errors(&doubled(levels, "'a'", &joined)), ["KQL0411"]);
        assert_eq!(errors(&doubled(levels, "1", &counted)), ["KQL0411"]);
    }
}

#[test]
fn patterns_over_many_tables_are_bounded() {
    let columns: Vec<String> = (0..40).map(|at| format!("c{at}: long")).collect();
    let columns = columns.join(", ");
    let environment = (0..500).fold(Environment::default(), |environment, at| {
        environment.with_table(&format!("T{at}"), &columns)
    });
    let errors = |text: &str| {
        let (query, _) = parse(text);
        let (_, found) = bind(&query, &environment);
        found.into_iter().map(|it| it.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(errors("union *"), Vec::<String>::new());
    assert_eq!(errors(&"union *;".repeat(8_000)), ["KQL0411"]);
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    assert_eq!(errors("again()"), ["KQL0213"]);
}
