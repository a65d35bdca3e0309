//! Completions by place.

use kql_language::CompletionKind as Kind;

use crate::ask;

/// Returns the labels of a kind that are offered at the cursor.
fn offered(text: &str, kind: Kind) -> Vec<String> {
    let all = ask(text, |it, at| it.completions(at));
    all.into_iter().filter(|it| it.kind == kind).map(|it| it.label).collect()
}

#[track_caller]
fn columns(text: &str, expected: &[&str]) {
    assert_eq!(offered(text, Kind::Column), expected, "{text}");
}

#[test]
fn columns_are_those_that_the_operator_reads() {
    columns("Logons | where ^", &["Account", "Host", "Odd name", "When"]);
    columns("Logons | where Acc^", &["Account"]);
    columns("Logons | extend Hour = hourofday(When) | where Ho^", &["Host", "Hour"]);
    columns("Logons | project Who = Account | where ^", &["Who"]);
    columns("Logons | summarize Count = count() by Host | sort by ^", &["Count", "Host"]);
    columns("Logons | where strlen(^) > 5", &["Account", "Host", "Odd name", "When"]);
    columns("Logons | project-away O^", &["Odd name", "Account", "Host"]);
}

#[test]
fn columns_are_those_of_the_innermost_query() {
    columns("Logons | join (Hosts | where ^) on Host", &["Host", "Owner"]);
    columns("let F = (a: long) { Hosts | where ^ }; Logons", &["Host", "Owner"]);
    columns("Logons | mv-apply Account on (where Acc^)", &["Account"]);
    columns("let A = Hosts;\nA | where ^\n| take 1;\nLogons", &["Host", "Owner"]);
}

#[test]
fn what_comes_behind_the_cursor_decides_nothing() {
    columns("Hosts | where ^\nlet B = Logons | where Account == 'x';\nB", &["Host", "Owner"]);
    columns("Hosts | where O^ | project Host", &["Owner", "Host"]);
}

#[test]
fn an_operator_that_cannot_be_read_hides_no_columns() {
    columns("Logons | where Account == | where ^", &["Account", "Host", "Odd name", "When"]);
    columns("Logons | where (Account == 'a' and ^", &["Account", "Host", "Odd name", "When"]);
    columns("Logons | make-series count() on ^", &["Account", "Host", "Odd name", "When"]);
}

#[test]
fn keys_of_a_join_are_columns_of_both_sides() {
    columns("Logons | join kind=inner (Hosts) on ^", &["Host"]);
    columns("Logons | join kind=inner (Hosts) on $left.Host == $right.^", &["Host", "Owner"]);
    columns(
        "Logons | join kind=inner (Hosts) on $left.^",
        &["Account", "Host", "Odd name", "When"],
    );
}

#[test]
fn a_name_that_needs_brackets_has_them() {
    let all = ask("Logons | where Odd^", |it, at| it.completions(at));
    assert_eq!(all[0].insert, "['Odd name']");
    assert_eq!((all[0].replace.start, all[0].replace.end), (15, 18));
}

#[test]
fn operators_stand_behind_a_pipe() {
    let all = offered("Logons | ^", Kind::Operator);
    assert!(all.contains(&"where".to_owned()) && all.contains(&"mv-expand".to_owned()), "{all:?}");
    assert!(!all.contains(&"print".to_owned()), "it makes rows and cannot follow others");
    assert_eq!(offered("Logons | project-a^", Kind::Operator), ["project-away"]);
    assert_eq!(offered("Logons | where Account == 'a' | summ^", Kind::Operator), ["summarize"]);
    assert!(offered("Logons | where ^", Kind::Operator).is_empty());
}

#[test]
fn tables_stand_where_rows_do() {
    for text in
        ["Logo^", "let x = 1;\nLogo^", "union Logo^", "Hosts | join (Logo^", "Hosts | union Logo^"]
    {
        assert_eq!(offered(text, Kind::Table)[..1], ["Logons"], "{text}");
    }
    assert!(offered("Hosts | where Logo^", Kind::Table).is_empty());
    assert!(offered("let x^", Kind::Table).is_empty(), "a new name");
}

#[test]
fn aggregates_stand_in_front_of_by_only() {
    assert!(offered("Logons | summarize dc^", Kind::Aggregate).contains(&"dcount".to_owned()));
    assert!(offered("Logons | summarize X = count() by dc^", Kind::Aggregate).is_empty());
    assert!(offered("Logons | summarize dcount(Acc^", Kind::Aggregate).is_empty());
    assert!(offered("Logons | extend dc^", Kind::Aggregate).is_empty());
}

#[test]
fn variables_are_seen_behind_their_statement_and_within_their_function() {
    let text = "let Limit = 5; let F = (Least: long) { Logons | where ^ };";
    assert_eq!(offered(text, Kind::Variable), ["Limit"]);
    assert_eq!(offered(text, Kind::Parameter), ["Least"]);
    assert!(offered("Logons | where ^; let Limit = 5;", Kind::Variable).is_empty());
    let outside = "let F = (Least: long) { Logons }; Logons | where ^";
    assert!(offered(outside, Kind::Parameter).is_empty());
    assert!(offered(outside, Kind::Function).contains(&"F".to_owned()));
}

#[test]
fn words_continue_what_stands_in_front_of_them() {
    assert_eq!(offered("Logons | summarize count() b^", Kind::Keyword)[..2], ["between", "by"]);
    assert!(offered("Logons | where Account ha^", Kind::Keyword).contains(&"has_any".to_owned()));
    assert_eq!(offered("Logons | where Account !startswith_^", Kind::Keyword), ["!startswith_cs"]);
    assert_eq!(
        offered("Logons | join kind=left^", Kind::Value),
        ["leftanti", "leftouter", "leftsemi"]
    );
    assert_eq!(offered("Logons | render time^", Kind::Value), ["timechart", "timepivot"]);
    assert_eq!(offered("Logons | evaluate bag_^", Kind::Plugin), ["bag_unpack"]);
    assert_eq!(offered("let F = (a: str^", Kind::Value), ["string"]);
}

#[test]
fn nothing_is_offered_where_nobody_can_guess() {
    for text in
        ["Logons | where Account == 'A^'", "Logons // A^", "Logons | take ^", "Logons | as ^"]
    {
        assert_eq!(ask(text, |it, at| it.completions(at)), [], "{text}");
    }
}
