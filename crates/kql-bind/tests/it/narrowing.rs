//! Narrowing: inputs of a union that a condition rules out are left out.

use kql_bind::narrow;

use crate::{
    environment::{Build, Environment},
    simplified::simplified,
};

/// Returns which of the views of `V` are left: `A` gives `act` as the constant `a`, `B` as `B` and an
/// empty `host`, `C` by a column.
#[track_caller]
fn left(query: &str) -> String {
    let environment = Environment::default()
        .with_table("S", "act: string, host: string, n: long")
        .with_table("V", "act: string, host: string, n: long")
        .with_view("V", "V/a", "S | where n == 1 | project act = 'a', host")
        .with_view("V", "V/b", "S | where n == 2 | extend act = 'B' | project act, host = ''")
        .with_view("V", "V/c", "S | where n == 3 | project act, host");
    let tree = simplified(query, &environment, narrow);
    let views = [("A", "(n == 1)"), ("B", "(n == 2)"), ("C", "(n == 3)"), ("V", "scan V")];
    views.iter().filter(|(_, sign)| tree.contains(sign)).map(|(name, _)| *name).collect()
}

#[test]
fn what_compares_otherwise_is_left_out() {
    assert_eq!(left("V"), "ABCV");
    assert_eq!(left("V | where act == 'a'"), "ACV");
    assert_eq!(left("V | where act == 'b'"), "CV");
    assert_eq!(left("V | where act =~ 'b'"), "BCV");
    assert_eq!(left("V | where act != 'a'"), "BCV");
    assert_eq!(left("V | where act !~ 'A'"), "BCV");
    assert_eq!(left("V | where act in ('a', 'x')"), "ACV");
    assert_eq!(left("V | where act in~ ('b', 'x')"), "BCV");
    assert_eq!(left("V | where act !in ('a', 'x')"), "BCV");
}

#[test]
fn an_empty_text_has_nothing_in_it() {
    assert_eq!(left("V | where isnotempty(host)"), "ACV");
    assert_eq!(left("V | where isempty(host)"), "ABCV");
    assert_eq!(left("V | where host has 'x'"), "ACV");
    assert_eq!(left("V | where host startswith 'x'"), "ACV");
    assert_eq!(left("V | where host !has 'x'"), "ABCV");
    assert_eq!(left("V | where host contains ''"), "ABCV");
}

#[test]
fn conditions_are_taken_together() {
    assert_eq!(left("V | where act == 'a' and n > 5"), "ACV");
    assert_eq!(left("V | where n > 5 or act == 'a'"), "ABCV");
    assert_eq!(left("V | where act == 'a' or act == 'x'"), "ACV");
    assert_eq!(left("V | where not(act == 'a' or n > 5)"), "BCV");
    assert_eq!(left("V | where act == 'a' | where isnotempty(host) | where n > 1"), "ACV");
}

#[test]
fn conditions_go_through_what_passes_rows_on() {
    assert_eq!(left("V | extend m = n + 1 | sort by m | where act == 'a' and m > 2"), "ACV");
    assert_eq!(left("V | project what = act | where what == 'a'"), "ACV");
    assert_eq!(left("union V, (print act = 'x') | where act == 'a'"), "ACV");
    assert_eq!(left("S | join kind=inner (V | where act == 'a') on n"), "ACV");
    assert_eq!(left("S | where act in ((V | where act == 'a' | project act))"), "ACV");
}

#[test]
fn conditions_stop_where_rows_become_others() {
    assert_eq!(left("V | take 10 | where act == 'a'"), "ABCV");
    assert_eq!(left("V | summarize n = max(n) by act | where act == 'a'"), "ABCV");
    assert_eq!(left("V | extend act = strcat(act, n) | where act == 'a'"), "ABCV");
    assert_eq!(left("V | join kind=leftouter S on n | where act == 'a'"), "ABCV");
}

#[test]
fn letters_beyond_ascii_are_left_to_the_kernels() {
    assert_eq!(left("V | where act =~ 'ä'"), "ABCV");
}
