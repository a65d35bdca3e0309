//! Saved functions: what their bodies see, and what rows that come from them are called. All measured.

use kql_types::KqlType;
use serde_json::{Value, json};

use crate::{
    runner::{Outcome, messages, run_on},
    tables::Tables,
};

/// A table, and functions that read it.
fn tables() -> Tables {
    Tables::default()
        .with("Sessions", &[("Id", KqlType::Long), ("Host", KqlType::String)], &[&["3", "srv"]])
        .with("Other", &[("Id", KqlType::Long)], &[&["4"]])
        .with("Twice", &[("Id", KqlType::Long)], &[&["1"]])
        .with_function("All", "() { Sessions }")
        .with_function("Renamed", "() { let t = Sessions; t }")
        .with_function("Through", "() { All() }")
        .with_function("Filtered", "() { Sessions | where Id > 0 }")
        .with_function("Above", "(least: long) { Sessions | where Id > least }")
        .with_function("Added", "() { Sessions | extend k = Offset }")
        .with_function("Own", "() { let Offset = 1; Sessions | extend k = Offset }")
        .with_function("Hidden", "() { Sessions | extend k = Id }")
        .with_function("Twice", "() { print y = 2 }")
}

#[track_caller]
fn check(query: &str, rows: &Value) {
    match run_on(query, &tables()) {
        Outcome::Ran(answer) => assert_eq!(&json!(answer.rows), rows, "{query}"),
        Outcome::Invalid(found) | Outcome::Refused(found) => panic!("{}", messages(&found)),
        Outcome::Failed(error) => panic!("{error}"),
    }
}

const CAPTURING: &str = "let Sessions = datatable (Id: long, Host: string) [100, 'mine']; ";

#[test]
fn a_callers_variable_stands_for_the_table_of_its_name() {
    check("All() | project Id", &json!([[3]]));
    check(&format!("{CAPTURING} All() | project Id"), &json!([[100]]));
    check(&format!("{CAPTURING} All | project Id"), &json!([[100]]));
    check(&format!("{CAPTURING} Through() | project Id"), &json!([[100]]));
    check(&format!("{CAPTURING} Above(50) | project Id"), &json!([[100]]));
}

#[test]
fn a_variable_behind_the_call_does_not_reach_it() {
    check(&format!("let seen = All() | project Id; {CAPTURING} seen"), &json!([[3]]));
}

#[test]
fn a_callers_scalar_reaches_a_name_that_nothing_in_the_body_has() {
    check("let Offset = 5; Added() | project Id, k", &json!([[3, 5]]));
    check("let Offset = 5; Own() | project Id, k", &json!([[3, 1]]));
    check("let Id = 5; Hidden() | project Id, k", &json!([[3, 3]]));
    check("let least = 50; Above(1) | project Id", &json!([[3]]));
}

#[test]
fn a_function_comes_before_a_table_of_its_name() {
    check("Twice", &json!([[2]]));
    check("Twice | project y", &json!([[2]]));
    check("union Twice, (print y = 3) | summarize sum(y)", &json!([[5]]));
}

#[test]
fn rows_that_are_a_table_go_by_its_name() {
    for (rows, name) in [
        ("All()", "Sessions"),
        ("All", "Sessions"),
        ("Renamed()", "Sessions"),
        ("Through()", "Sessions"),
        ("Filtered()", "union_arg0"),
        ("(Sessions | where Id > 0)", "union_arg0"),
    ] {
        let query =
            format!("union withsource=From {rows}, Other | project From, Id | sort by Id asc");
        check(&query, &json!([[name, 3], ["Other", 4]]));
    }
}

#[test]
fn variables_that_are_a_table_go_by_its_name() {
    let named = json!([["Sessions", 3], ["Other", 4]]);
    check(
        "let a = Sessions; let b = a; union withsource=S b, Other | project S, Id | sort by Id asc",
        &named,
    );
    check("let a = All(); a | union withsource=S Other | project S, Id | sort by Id asc", &named);
    check(
        "let a = datatable (Id: long) [3]; union withsource=S a, Other | project S, Id | sort by Id asc",
        &json!([["union_arg0", 3], ["Other", 4]]),
    );
}
