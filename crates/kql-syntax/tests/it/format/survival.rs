//! Texts that no person writes: errors, soup, and queries far too large and deep.

use std::{
    thread,
    time::{Duration, Instant},
};

use kql_syntax::{format, parse};
use proptest::prelude::*;

use super::{comments, formatted, tree_without_spans};

/// The stack of a thread that Rust's standard library makes, and less than any main thread's.
const STACK_BYTES: usize = 2 * 1024 * 1024;

fn formatted_on_small_stack(text: String) -> String {
    let work = move || formatted(&text);
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no overflow")
}

fn nested(open: &str, core: &str, close: &str, times: usize) -> String {
    format!("{}{core}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn a_text_with_errors_is_refused() {
    for text in ["T | where", "T |", "let x = ", "T /* no comment */", "("] {
        let diagnostics = format(text).expect_err(text);
        assert_eq!(diagnostics, parse(text).1);
    }
}

#[test]
fn an_empty_text_stays_empty() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n\n"), "");
    assert_eq!(formatted("\n// only a comment \n\n"), "// only a comment\n");
}

#[test]
fn deep_queries_are_formatted() {
    for text in [
        format!("print {}", nested("(", "1", ")", 1_000)),
        format!("print {}", nested("f(", "1", ")", 1_000)),
        format!("print {}", nested("iff(a and b or ", "c", ", 1, 2)", 1_000)),
        format!("print {}", nested("toscalar(print ", "1", ")", 1_000)),
        format!("print dynamic({})", nested("{'a': ", "1", "}", 1_000)),
        nested("T | join (", "U", ") on k", 1_000),
        nested("T | join (T | where a | join (", "U", ") on k) on k", 400),
        format!("{}; f()", nested("let f = () {", "1", "}", 400)),
    ] {
        let tokens_kept = formatted_on_small_stack(text.clone()).replace(['\n', ' '], "");
        assert!(tokens_kept == text.replace(['\n', ' '], ""));
    }
}

#[test]
fn long_queries_are_formatted_in_little_time() {
    let terms = |term: &str, separator: &str, count| vec![term; count].join(separator);
    for text in [
        format!("T | where {}", terms("a == 1", " or ", 10_000)),
        format!("T | where {}", terms("a + b == 1 and f(x)", " or ", 10_000)),
        format!("T {}", "| where a ".repeat(10_000)),
        format!("T | where a in ({})", terms("'x'", ", ", 10_000)),
        format!("T | project {}", terms("a", ", // comment\n", 10_000)),
        format!("{}T", "let a = 1;".repeat(10_000)),
        format!("print {}", terms("a", " + ", 4_000)),
        format!("print a{}", ".b".repeat(4_000)),
    ] {
        let start = Instant::now();
        let once = formatted_on_small_stack(text);
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        assert!(once == formatted_on_small_stack(once.clone()));
    }
}

/// Words, signs, space and comments that mean something together often enough.
const PIECES: &[&str] = &[
    "T",
    "a",
    "['b c']",
    "a*",
    "*",
    "1",
    "1d",
    "-",
    "+",
    "==",
    "<",
    "=",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    ",",
    ";",
    ".",
    "..",
    "and",
    "or",
    "in",
    "has",
    "between",
    "where",
    "project",
    "extend",
    "summarize",
    "by",
    "join",
    "on",
    "union",
    "let",
    "print",
    "datatable",
    "dynamic",
    "count()",
    "long",
    "string",
    "'s'",
    "h@\"x\"",
    "```\nmany\n```",
    "// c\n",
    "\n",
    "\n\n",
    "\t",
    "// d\r\n",
    "#x\n",
    "asc",
    "not",
    "f",
    "kind=inner",
    "typeof",
    "materialize",
    "-->",
    "=>",
];

/// Queries whose pieces stand in any order, and some that are nearly right.
fn soup() -> impl Strategy<Value = String> {
    let pieces = || prop::collection::vec(prop::sample::select(PIECES), 0..24);
    let spaced = (pieces(), prop::sample::select(&["", " "][..]))
        .prop_map(|(pieces, separator)| pieces.join(separator));
    let predicate = pieces().prop_map(|pieces| format!("T | where {}", pieces.join(" ")));
    prop_oneof![spaced, predicate, any::<String>(), with_gaps()]
}

/// A query with a space wherever there may be one.
const SPACED: &str = "let x = f ( a , b ) ; let g = ( p : long ) { let q = p ; T | take q } ; \
    T | where a == - 1 and c in ( 'x' , 2 ) or t : 'y' | join kind = inner ( U | count ) on k \
    | summarize n = count ( ) , m = max ( a [ 0 ] . b ) by k , l \
    | project k , z = dynamic ( [ 1 , - 2 ] ) , case ( a , 1 , b , 2 , 3 ) \
    | mv-apply i = a to typeof ( long ) on ( where i > 1 ) | sort by k asc , z desc ; \
    datatable ( a : int ) [ 1 , 2 , ]";

/// That query with space, line breaks and comments of any kind between its tokens.
fn with_gaps() -> impl Strategy<Value = String> {
    const GAPS: &[&str] = &[" ", " ", " ", "\n", "\n\n\n", " // c\n", "\n// d\n", "\r\n"];
    let tokens: Vec<_> = SPACED.split_whitespace().collect();
    prop::collection::vec(prop::sample::select(GAPS), tokens.len()).prop_map(move |gaps| {
        tokens.iter().zip(gaps).flat_map(|(token, gap)| [*token, gap]).collect()
    })
}

#[test]
fn a_query_is_accepted_with_any_space() {
    assert_eq!(parse(SPACED).1, []);
}

proptest! {
    #[test]
    fn any_text_is_refused_or_keeps_its_tree(text in soup()) {
        let Ok(once) = format(&text) else { return Ok(()) };
        prop_assert_eq!(tree_without_spans(&once), tree_without_spans(&text));
        prop_assert_eq!(comments(&once), comments(&text));
        prop_assert_eq!(formatted(&once), once);
    }
}
