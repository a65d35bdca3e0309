//! Problems and their form.

use kql_language::{Document, Severity, format};

use crate::catalogue;

#[test]
fn problems_say_where_what_and_what_to_do() {
    let catalogue = catalogue();
    let document = Document::new("Logons | where Acount == 'a'", &catalogue);
    let problems = document.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        serde_json::to_value(&problems[0]).expect("plain data"),
        serde_json::json!({
            "range": {"start": 15, "end": 21},
            "severity": "error",
            "code": "KQL0201",
            "message": "unknown column `Acount`",
            "help": "did you mean `Account`?",
        })
    );
}

#[test]
fn a_text_that_cannot_be_read_is_not_bound() {
    let catalogue = catalogue();
    let problems = Document::new("Logons | where Nobody == | take 1", &catalogue).problems();
    assert!(problems.iter().all(|it| it.code.starts_with("KQL01")), "{problems:?}");
}

#[test]
fn formatting_refuses_what_cannot_be_read() {
    assert_eq!(format("Logons|take 1").expect("a query"), "Logons\n| take 1\n");
    let problems = format("Logons | where (").expect_err("an open bracket");
    assert_eq!(problems[0].severity, Severity::Error);
}
