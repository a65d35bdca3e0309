//! Rewriting a query touches nothing else.

use rule_file::RuleFile;

const TEXT: &str = "T\n| where a\n    and b\n\n| take 5\n";

#[track_caller]
fn check(file: &str, expected: Option<&str>) {
    let rewritten = RuleFile::read(file).unwrap().with_query(file, TEXT);
    assert_eq!(rewritten.as_deref(), expected);
}

#[test]
fn a_literal_block_is_rewritten_in_its_place() {
    check(
        "# head\nid: x\nquery: |\n    U\n      | take 1\n\nversion: 1 # tail\n",
        Some(
            "# head\nid: x\nquery: |\n    T\n    | where a\n        and b\n\n    | take 5\n\n\
             version: 1 # tail\n",
        ),
    );
}

#[test]
fn indicators_comments_and_the_end_of_the_file_stay() {
    check(
        "query: |2- # why\n  U | take 1",
        Some("query: |2- # why\n  T\n  | where a\n      and b\n\n  | take 5"),
    );
}

#[test]
fn windows_line_ends_stay() {
    check(
        "query: |\r\n  U\r\n  | take 1\r\nid: x\r\n",
        Some("query: |\r\n  T\r\n  | where a\r\n      and b\r\n\r\n  | take 5\r\nid: x\r\n"),
    );
}

#[test]
fn other_forms_are_left_alone() {
    check("query: >\n  U\n  | take 1\n", None);
    check("query: U | take 1\n", None);
    check("query: \"U | take 1\"\n", None);
    check("id: x\n", None);
}
