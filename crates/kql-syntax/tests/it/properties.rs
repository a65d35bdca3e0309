//! What holds for any text at all.

use kql_syntax::{
    LineIndex,
    lexer::{TokenKind, lex},
    parse, render,
};
use proptest::{collection::vec, prelude::*, sample::select};

/// Pieces that make the parser go everywhere.
const PIECES: &[&str] = &[
    "T",
    "a",
    "count",
    "kind",
    "where",
    "project",
    "project-away",
    "extend",
    "summarize",
    "by",
    "join",
    "on",
    "union",
    "let",
    "=",
    "==",
    "!=",
    "=~",
    "<",
    ">=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "||",
    "&&",
    ",",
    ";",
    ":",
    ".",
    "..",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=>",
    "->",
    "-->",
    "-[",
    "and",
    "or",
    "not",
    "in",
    "!in~",
    "has",
    "!has_any",
    "between",
    "matches regex",
    "5",
    "1.5",
    "0x1F",
    "1h",
    "'x'",
    "\"y\"",
    "@'z'",
    "h\"s\"",
    "```m```",
    "\"open",
    "\"\\w\"",
    "datetime(2020-01-01)",
    "long(x)",
    "dynamic(",
    "null",
    "true",
    "typeof(",
    "datatable (a: long) [",
    "externaldata (",
    "print",
    "range",
    "from",
    "to",
    "step",
    "render",
    "timechart",
    "with (",
    "mv-expand",
    "mv-apply",
    "make-series",
    "parse",
    "scan",
    "partition",
    "fork",
    "facet",
    "find",
    "search",
    "evaluate",
    "invoke",
    "top",
    "top-nested",
    "of",
    "sort by",
    "asc",
    "nulls first",
    "graph-match",
    "make-graph",
    "macro-expand",
    "view",
    "set",
    "declare query_parameters",
    "declare pattern",
    "alias database",
    "restrict access to",
    "toscalar(",
    "materialize(",
    "entity_group [",
    "hint.strategy=",
    "kind=",
    "#x",
    "// c\n",
    "/* c */",
    "\n",
    "\u{a0}",
    "ä",
    "“q”",
    "{p}",
    "['n']",
    "SELECT",
    "AND",
    "inline_external_table (",
    "as",
    "limit",
];

/// Checks what holds for every text.
fn check(text: &str) {
    let mut end = 0;
    for token in lex(text) {
        assert_eq!(token.span.start, end, "a gap or an overlap");
        assert!(token.span.end > end && token.kind != TokenKind::End);
        assert!(text.is_char_boundary(token.span.end as usize));
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len());

    let (query, diagnostics) = parse(text);
    assert_eq!(query.span.range(), 0..text.len());
    let index = LineIndex::new(text);
    for diagnostic in &diagnostics {
        let labels = diagnostic.labels.iter().map(|label| label.span);
        for span in labels.chain([diagnostic.span]) {
            assert!(text.get(span.range()).is_some(), "{diagnostic:?}");
            assert!(index.line_column(span.start) <= index.line_column(span.end));
        }
        let message = &diagnostic.message;
        assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
    }
    let rendered = render("query.kql", text, &diagnostics, false);
    assert_eq!(rendered.is_empty(), diagnostics.is_empty());
    assert!(!rendered.contains('\u{1b}'), "{rendered:?}");
}

proptest! {
    #[test]
    fn any_text(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_ascii(text in "[ -~\n\t]{0,200}") {
        check(&text);
    }

    #[test]
    fn any_soup_of_pieces(pieces in vec((select(PIECES), any::<bool>()), 0..60)) {
        let spaced = pieces.iter().flat_map(|(piece, space)| [*piece, if *space { " " } else { "" }]);
        check(&spaced.collect::<String>());
    }

    #[test]
    fn any_query_with_a_piece_in_it(at in 0_usize..400, remove in 0_usize..20, piece in select(PIECES)) {
        const QUERY: &str = "let hosts = datatable (Host: string) ['a', \"b\"];\nlet f = (x: long = 1) { x + 1 };\n\
            DeviceEvents | where Time > ago(1h) and User has_any ('x', @'y') // c\n\
            | join kind=inner (hosts | extend n = f(1)) on $left.Host == $right.Host\n\
            | summarize Hits = count(), make_set(User, 10) by bin(Time, 5m), Host | sort by Hits desc";
        let start = at.min(QUERY.len());
        let end = start.saturating_add(remove).min(QUERY.len());
        check(&format!("{} {piece} {}", &QUERY[..start], &QUERY[end..]));
    }
}
