//! Bound trees as text: what some queries mean.

use kql_bind::{bind, tree::display};
use kql_syntax::parse;

use crate::environment::{Build, Environment};

#[track_caller]
fn check(query: &str, tree: &str) {
    let environment = Environment::default()
        .with_table("T", "t: datetime, s: string, n: long, i: int, d: dynamic")
        .with_table("U", "s: string, n: long, x: real");
    let (query, syntax) = parse(query);
    assert_eq!(syntax, []);
    let (bound, found) = bind(&query, &environment);
    assert_eq!(found, []);
    let text = display(bound.results.last().unwrap()).to_string();
    assert_eq!(text.trim(), tree.trim(), "\n{text}");
}

#[test]
fn conversions_are_explicit() {
    check(
        "T | where i == 1 and d.a.b has 'x' and n > 1.5 and d['n'] > 5 and s == 5",
        r#"
where ((i == int(1)) and ((d.a.b as string) has "x") and ((n as real) > real(1.5)) and ((d.n as real) > real(5.0)) and (s == "5"))
  scan T: t: datetime, s: string, n: long, i: int, d: dynamic
"#,
    );
}

#[test]
fn the_time_of_the_query_is_one_value() {
    check(
        "T | where t between (ago(1d) .. now()) | project s",
        r"
project s
  where ((t >= (now() - timespan(1.00:00:00))) and (t <= now()))
    scan T: t: datetime, s: string, n: long, i: int, d: dynamic
",
    );
}

#[test]
fn extend_sees_the_input_only() {
    check(
        "T | project n, s | extend n = n + 1, m = n * 2",
        r"
project n = (n + 1), s, m = (n * 2)
  project n, s
    scan T: t: datetime, s: string, n: long, i: int, d: dynamic
",
    );
}

#[test]
fn aggregates_split_off_their_condition() {
    check(
        "T | summarize c = countif(n > 1), round(avg(i), 2), arg_max(t, s) by bin(t, 1h)",
        r"
project t, c = count, avg_i = round(avg, 2), t1 = arg_max, s = arg_max1
  summarize (count) = count() where (n > 1), (avg) = avg((i as long)), (arg_max, arg_max) = arg_max(t, s) by bin(t, timespan(01:00:00))
    scan T: t: datetime, s: string, n: long, i: int, d: dynamic
",
    );
}

#[test]
fn a_union_fits_its_inputs() {
    check(
        "T | project s, n | union (U | project s, x)",
        r"
union: s: string, n: long, x: real
  project s, n, x = real(null)
    project s, n
      scan T: t: datetime, s: string, n: long, i: int, d: dynamic
  project s, n = long(null), x
    project s, x
      scan U: s: string, n: long, x: real
",
    );
}

#[test]
fn a_join_numbers_names_that_are_taken() {
    check(
        "U | join kind=leftouter (U | where x > 1) on s, $left.n == $right.n",
        r"
join leftouter on s == s, n == n
  scan U: s: string, n: long, x: real
  where (x > real(1.0))
    scan U: s: string, n: long, x: real
",
    );
}

#[test]
fn materialised_rows_are_shared() {
    check(
        "let M = materialize(U | project s); M | union M",
        r"
union: s: string
  shared 0
    project s
      scan U: s: string, n: long, x: real
  shared 0
    project s
      scan U: s: string, n: long, x: real
",
    );
}

#[test]
fn functions_take_tables_and_defaults() {
    check(
        "let f = (R: (n: long), least: long = 3) { R | where n > least }; T | invoke f() | project n",
        r"
project n
  where (n > 3)
    scan T: t: datetime, s: string, n: long, i: int, d: dynamic
",
    );
}
