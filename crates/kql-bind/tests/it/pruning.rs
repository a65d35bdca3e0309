//! Pruning: what a result does not need is not read.

use kql_bind::prune;

use crate::{
    environment::{Build, Environment},
    simplified::simplified,
};

#[track_caller]
fn check(query: &str, tree: &str) {
    let environment = Environment::default()
        .with_table("T", "t: datetime, s: string, n: long, d: dynamic")
        .with_table("U", "s: string, n: long, x: real")
        .with_table("V", "a: string, b: long, c: real")
        .with_table("W", "e: dynamic, k: long")
        .with_view("V", "V/w", "W | where k == 7 | project a = tostring(e.a), c = toreal(e.c)");
    let text = simplified(query, &environment, prune);
    assert_eq!(text.trim(), tree.trim(), "\n{text}");
}

#[test]
fn a_scan_keeps_what_is_read() {
    check(
        "T | where n > 1 | extend x = strlen(s), y = d.a | project x",
        r"
project x = strlen(s)
  where (n > 1)
    scan T: s: string, n: long
",
    );
}

#[test]
fn an_aggregate_nobody_reads_is_left_out() {
    check(
        "T | summarize a = max(n), b = make_set(s) by t | project t, a",
        r"
summarize (a) = max(n) by t
  scan T: t: datetime, n: long
",
    );
}

#[test]
fn the_one_row_of_a_summary_without_keys_stays_though_nobody_reads_it() {
    check(
        "T | summarize a = max(n), b = make_set(s) | summarize count()",
        r"
summarize (count_) = count()
  summarize (a) = max(n)
    scan T: n: long
",
    );
}

#[test]
fn a_union_and_its_views_keep_what_is_read() {
    check(
        "V | where a == 'x' | project a",
        r#"
where (a == "x")
  union: a: string
    scan V: a: string
    project a = (e.a as string)
      where (k == 7)
        scan W: e: dynamic, k: long
"#,
    );
}

#[test]
fn a_join_keeps_its_keys() {
    check(
        "T | join kind=inner U on s | project n, x",
        r"
project n, x
  join inner on s == s
    scan T: s: string, n: long
    scan U: s: string, x: real
",
    );
}

#[test]
fn a_list_of_rows_keeps_one_column() {
    check(
        "T | where s in (U) | project n",
        r"
project n
  where (s in (rows))
    scan T: s: string, n: long
    scan U: s: string
",
    );
}
