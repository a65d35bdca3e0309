//! Places in a query lead back to the file, however YAML writes the query.

use kql_syntax::Span;
use rule_file::{Kind, RuleFile};

/// Asserts that each word of the query stands in the file where its place says.
#[track_caller]
fn check(yaml: &str, query: &str, words: &[(&str, &str)]) {
    let rule = RuleFile::read(yaml).unwrap();
    let found = rule.query().unwrap();
    assert_eq!(found.text, query);
    for (word, in_file) in words {
        let place = found.places.place(span(query.find(word).unwrap(), word.len()));
        assert_eq!(&yaml[place.range()], *in_file, "{word:?} in {yaml}");
        let line = |text: &str, at: usize| text[..at].matches('\n').count();
        let expected = yaml.find(in_file).unwrap();
        assert_eq!(line(yaml, place.range().start), line(yaml, expected), "{word:?}");
    }
}

fn span(start: usize, len: usize) -> Span {
    let end = start.checked_add(len).unwrap();
    Span::new(start.try_into().unwrap(), end.try_into().unwrap())
}

/// Asserts that words stand in the file as they do in the query.
#[track_caller]
fn check_same(yaml: &str, query: &str, words: &[&str]) {
    let words: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
    check(yaml, query, &words);
}

#[test]
fn literal_blocks() {
    check_same(
        "name: where\nquery: |\n  T\n\n  | where a == 1\n    and b\nversion: 1\n",
        "T\n\n| where a == 1\n  and b\n",
        &["T", "| where a == 1", "a == 1", "  and", "b\n"],
    );
}

#[test]
fn literal_blocks_with_indicators_and_comments() {
    check_same(
        "query: |2- # the query\n    T\n  | where a\n",
        "  T\n| where a",
        &["T", "| where a", "a"],
    );
}

#[test]
fn lines_that_repeat() {
    let yaml = "query: |-\n  T | where a\n  | join (\n  T | where a\n  ) on k\n";
    let rule = RuleFile::read(yaml).unwrap();
    let query = rule.query().unwrap();
    let second = query.text.rfind("where a").unwrap();
    assert_eq!(query.places.place(span(second, 7)).range().start, yaml.rfind("where a").unwrap());
}

#[test]
fn folded_blocks() {
    check_same(
        "query: >\n  T\n  | where a == 1\n\n  | where b == 2\nid: x\n",
        "T | where a == 1\n| where b == 2\n",
        &["T", "where a == 1", "| where b == 2"],
    );
}

#[test]
fn plain_scalars_over_several_lines() {
    check_same(
        "query: T\n  | where a == 1\n  | take 5\nid: x\n",
        "T | where a == 1 | take 5",
        &["T", "where a == 1", "take 5"],
    );
}

#[test]
fn single_quotes() {
    check(
        "query: 'T | where a == ''x'' and\n  b == ''ä'' | take 5'\n",
        "T | where a == 'x' and b == 'ä' | take 5",
        &[("T", "T"), ("'x'", "''x''"), ("b ==", "b =="), ("take 5", "take 5")],
    );
}

#[test]
fn double_quotes() {
    check(
        r#"query: "T\n| where a == \"x\" and b == 'C:\\ä' \
  | extend c = '\u0041\x42' | take 5"
"#,
        "T\n| where a == \"x\" and b == 'C:\\ä' | extend c = 'AB' | take 5",
        &[
            ("T", "T"),
            ("| where a", "| where a"),
            ("\"x\"", "\\\"x\\\""),
            ("'C:\\ä'", "'C:\\\\ä'"),
            ("'AB'", "'\\u0041\\x42'"),
            ("take 5", "take 5"),
        ],
    );
}

#[test]
fn windows_line_ends() {
    check_same(
        "name: x\r\nquery: |\r\n  T\r\n  | where a\r\n  | take 5\r\n",
        "T\n| where a\n| take 5\n",
        &["T", "| where a", "take 5"],
    );
}

#[test]
fn a_span_over_lines_ends_where_its_last_line_does() {
    check(
        "query: |\n    T | where (a\n      and b) | take 5\n",
        "T | where (a\n  and b) | take 5\n",
        &[("(a\n  and b)", "(a\n      and b)"), ("(a\n", "(a\n")],
    );
}

#[test]
fn queries_of_custom_detections_and_behind_anchors() {
    check_same(
        "properties:\n  queryCondition:\n    queryText: |-\n      T | take 1\n",
        "T | take 1",
        &["take 1"],
    );
    check_same("a: &q 'T | take 1'\nquery: *q\n", "T | take 1", &["take 1"]);
}

#[test]
fn what_a_file_is() {
    for (yaml, kind) in [
        ("kind: Scheduled\nquery: T", Kind::Scheduled),
        ("kind: NRT\nquery: T", Kind::NearRealTime),
        ("queryPeriod: 1h\nquery: T", Kind::Scheduled),
        ("id: x\nquery: T", Kind::Other),
        ("- {id: B01}\n", Kind::Other),
        ("", Kind::Other),
        ("properties: {queryCondition: {queryText: T}}", Kind::CustomDetection),
    ] {
        assert_eq!(RuleFile::read(yaml).unwrap().kind(), kind, "{yaml}");
    }
}

#[test]
fn no_query_is_none_and_no_yaml_has_its_place() {
    for yaml in ["id: x\n", "query:\n", "query: [a]\n", "- query\n"] {
        assert!(RuleFile::read(yaml).unwrap().query().is_none(), "{yaml}");
    }
    let error = RuleFile::read("id: x\nquery: [T\n").unwrap_err();
    assert!(error.span.range().start >= 6, "{error:?}");
}

#[test]
fn aliases_do_not_grow_without_bound() {
    let lines = (1..12).map(|level: u32| {
        let copies = format!("*a{}, ", level - 1).repeat(4);
        format!("a{level}: &a{level} [{copies}]\n")
    });
    let yaml: String =
        std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned()).chain(lines).collect();
    let error = RuleFile::read(&yaml).unwrap_err();
    assert!(error.message.contains("aliases"), "{error}");
}

/// Asserts what the place of `^` in a file is in the query; `None` if it is none there.
#[track_caller]
fn check_back(marked: &str, before: Option<&str>) {
    let at = marked.find('^').unwrap();
    let yaml = marked.replace('^', "");
    let rule = RuleFile::read(&yaml).unwrap();
    let query = rule.query().unwrap();
    let offset = query.places.offset_in_value(&yaml, at.try_into().unwrap());
    assert_eq!(offset.map(|offset| &query.text[..offset as usize]), before, "{marked}");
}

#[test]
fn places_in_the_file_lead_to_the_query() {
    check_back("query: |\n  T\n  | whe^re a\nversion: 1\n", Some("T\n| whe"));
    check_back("query: |\n  T\n  | where a^\nversion: 1\n", Some("T\n| where a"));
    check_back("query: |\n  ^T\n", Some(""));
    check_back("query: \"T | where a == \\\"b^\\\" \"", Some("T | where a == \"b"));
    check_back("query: 'T | ta^ke 1'", Some("T | ta"));
    check_back("query: |2\n    T\n  | ^take 1\n", Some("  T\n| "));
}

#[test]
fn a_line_that_is_about_to_be_written_is_in_the_block() {
    check_back("query: |\n  T\n  ^\nversion: 1\n", Some("T\n"));
    check_back("query: |\n  T\n\n  | take 1\n  ^", Some("T\n\n| take 1\n"));
}

#[test]
fn other_fields_are_not_in_the_query() {
    check_back("na^me: x\nquery: |\n  T\nversion: 1\n", None);
    check_back("query: |\n  T\nver^sion: 1\n", None);
    check_back("query: |\n  T\n^version: 1\n", None);
    check_back("query: 'T'^\nversion: 1\n", None);
}
