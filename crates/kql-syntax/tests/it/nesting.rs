//! Queries far larger and deeper than any written by hand.

use std::{
    thread,
    time::{Duration, Instant},
};

use kql_syntax::{Diagnostic, ast::Query, code, parse};

/// The stack of a thread that Rust's standard library makes, and less than any main thread's.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Parses on a small stack, and clones, compares, prints and drops the tree there too.
fn parse_on_small_stack(text: String) -> (Query, Vec<Diagnostic>) {
    let work = move || {
        let (query, diagnostics) = parse(&text);
        let copy = query.clone();
        assert!(format!("{query:?}").len() > 10);
        assert!(copy == query || format!("{query:?}").contains("NaN"));
        drop(copy);
        (query, diagnostics)
    };
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

fn assert_accepted(text: String) {
    let (_, diagnostics) = parse_on_small_stack(text);
    assert_eq!(diagnostics, []);
}

#[test]
fn a_thousand_levels_are_accepted() {
    for (open, core, close) in [
        ("(", "1", ")"),
        ("f(", "1", ")"),
        ("-(", "1", ")"),
        ("a[", "1", "]"),
        ("(1 + ", "1", ")"),
        ("iff(a and b or ", "c", ", 1, 2)"),
        ("a in (", "1", ")"),
        ("toscalar(print ", "1", ")"),
    ] {
        assert_accepted(format!("print {}", nested(open, core, close, 1_000)));
    }
    assert_accepted(format!("print dynamic({})", nested("[", "1", "]", 1_000)));
    assert_accepted(format!("print dynamic({})", nested("{'a': ", "1", "}", 1_000)));
    assert_accepted(nested("T | join (", "U", ") on k", 1_000));
    assert_accepted(nested("union (", "U", ")", 1_000));
    assert_accepted(format!("{}; f()", nested("let f = () {", "1", "}", 400)));
    assert_accepted(
        nested("T | partition by a (", "take 1", ")", 500).replace("(T | partition", "(partition"),
    );
}

#[test]
fn long_flat_queries_are_accepted() {
    let terms = |term: &str, separator: &str, count| vec![term; count].join(separator);
    assert_accepted(format!("T | where {}", terms("a == 1", " or ", 10_000)));
    assert_accepted(format!("T | where {}", terms("a + b == 1 and f(x)", " or ", 10_000)));
    assert_accepted(format!("T {}", "| where a ".repeat(10_000)));
    assert_accepted(format!("T | where a in ({})", terms("'x'", ", ", 10_000)));
    assert_accepted(format!("{}T", "let a = 1;".repeat(10_000)));
    assert_accepted(format!("print {}", terms("a", " + ", 4_000)));
    assert_accepted(format!("print a{}", ".b".repeat(4_000)));
}

#[test]
fn beyond_the_limits_there_is_one_diagnostic() {
    for text in [
        format!("print {}", nested("(", "1", ")", 100_000)),
        format!("print {}", "(".repeat(100_000)),
        format!("print {}", "f(".repeat(100_000)),
        format!("print dynamic({}", "[".repeat(100_000)),
        format!("print {}", "a[".repeat(100_000)),
        format!("print 1{}", " + 1".repeat(100_000)),
        format!("print a{}", "[0]".repeat(100_000)),
        format!("print a{}", ".b(1)".repeat(100_000)),
        format!("print {}", nested("(", &format!("1{}", " + 1".repeat(4_000)), " + 1)", 1_400)),
        "let f = () {".repeat(100_000),
        "T | join (".repeat(100_000),
        "T | mv-apply a on (mv-apply b on (".repeat(50_000),
    ] {
        let (_, diagnostics) = parse_on_small_stack(text);
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes.last(), Some(&code::TOO_DEEP), "{:?}", diagnostics.first());
    }
}

#[test]
fn time_is_linear_in_the_text() {
    // Repeated, each of these would show a scan to the end of the text for every piece.
    for piece in [
        "(",
        "[",
        "{",
        "f(",
        "['a'",
        "(a,",
        "a-",
        "a*",
        "int(",
        "/*",
        "'",
        "\"\\",
        "let a = ",
        "T | ",
        "| ",
        "a ",
        "in (",
        "in (a | ",
        "T where ",
        "x == ",
        ") ",
        "dynamic(",
        "{'a':",
        "“",
        "`",
        "datatable(",
        "not ",
        "&& ",
        "|| ",
        "= ",
        "union ",
        "'a' ",
        "1 ",
        ";",
        "a\n",
        "(a) =",
        ", ",
        "['a' ",
        "-[",
        "a.b*",
    ] {
        let text = piece.repeat(200_000);
        let start = Instant::now();
        let (_, diagnostics) = parse(&text);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{piece}: {took:?}");
        assert!(diagnostics.iter().all(|d| d.span.end as usize <= text.len()));
    }
}
