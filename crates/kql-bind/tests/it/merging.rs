//! Merging: projections of projections become one where nothing is computed twice.

use kql_bind::merge;

use crate::{
    environment::{Build, Environment},
    simplified::simplified,
};

#[track_caller]
fn check(query: &str, tree: &str) {
    let environment = Environment::default().with_table("T", "s: string, n: long, d: dynamic");
    let text = simplified(query, &environment, merge);
    assert_eq!(text.trim(), tree.trim(), "\n{text}");
}

#[test]
fn what_is_read_once_stands_where_it_is_read() {
    check(
        "T | extend m = n + 1 | project s, k = m * 2",
        r"
project s, k = ((n + 1) * 2)
  scan T: s: string, n: long, d: dynamic
",
    );
}

#[test]
fn columns_and_constants_stand_wherever_they_are_read() {
    check(
        "T | project s, m = n, c = 'x' | project a = strcat(s, c), b = strcat(c, c), m, o = m + m",
        r#"
project a = strcat(s, "x"), b = strcat("x", "x"), m = n, o = (n + n)
  scan T: s: string, n: long, d: dynamic
"#,
    );
}

#[test]
fn what_is_read_twice_is_computed_once() {
    check(
        "T | project m = n + 1 | project k = m * m",
        r"
project k = (m * m)
  project m = (n + 1)
    scan T: s: string, n: long, d: dynamic
",
    );
    check(
        "T | project m = n + 1 | project m, k = m",
        r"
project m, k = m
  project m = (n + 1)
    scan T: s: string, n: long, d: dynamic
",
    );
}

#[test]
fn a_path_does_not_start_from_a_path() {
    check(
        "T | project e = d.a | project f = e.b",
        r"
project f = e.b
  project e = d.a
    scan T: s: string, n: long, d: dynamic
",
    );
}

#[test]
fn an_expression_that_grows_from_step_to_step_stays_steps() {
    let steps = " | extend n = n + 1".repeat(100);
    let environment = Environment::default().with_table("T", "n: long");
    let tree = simplified(&format!("T{steps} | project n"), &environment, merge);
    assert_eq!(tree.matches("project").count(), 4);
}
