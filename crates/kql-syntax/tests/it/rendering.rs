//! Diagnostics as a terminal shows them.

use kql_syntax::{parse, render};

fn rendered(query: &str, colour: bool) -> String {
    let (_, diagnostics) = parse(query);
    render("query.kql", query, &diagnostics, colour)
}

#[test]
fn each_diagnostic_has_its_lines_carets_labels_and_help() {
    let query = "let a = 1\nlet b = 2;\n\nT\n| where (a == b\n| projct b";
    insta::assert_snapshot!(rendered(query, false));
}

#[test]
fn tabs_wide_and_combining_characters_do_not_shift_the_carets() {
    let query = "T\t| where\t\ta == '日本語' and b == 'e\u{301}' extnd\n";
    insta::assert_snapshot!(rendered(query, false));
}

#[test]
fn spans_of_several_lines_are_marked_at_both_ends() {
    insta::assert_snapshot!(rendered("T | take 5\n/* one\n   two\n   three */ | count", false));
}

#[test]
fn only_the_lines_in_question_are_shown() {
    let query = format!("{}| wher x", "T | where a == 1;\n".repeat(1_000));
    insta::assert_snapshot!(rendered(&query, false));
}

#[test]
fn the_end_of_an_empty_query_can_be_marked() {
    insta::assert_snapshot!(rendered("T |\n", false));
}

#[test]
fn colour_is_optional_and_the_query_cannot_add_any() {
    let query = "T | where a == 1 \u{1b}[31m | wher\u{1b}[0m";
    assert!(!rendered(query, false).contains('\u{1b}'));
    let coloured = rendered(query, true);
    assert!(coloured.contains('\u{1b}') && !coloured.contains("\u{1b}[31m |"));
    insta::assert_snapshot!(rendered(query, false));
}

#[test]
fn without_diagnostics_there_is_no_text() {
    assert_eq!(rendered("T | take 5", true), "");
}
