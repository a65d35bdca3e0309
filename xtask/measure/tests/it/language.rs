//! Parser and binder against the reference.

use measure::{Report, language, real_queries, recorded_queries};

#[track_caller]
fn assert_met(report: &Report) {
    let unexplained: Vec<_> = report.unexplained().collect();
    assert!(report.is_met() && unexplained.is_empty() && report.stale.is_empty(), "\n{report}");
}

#[test]
fn verdicts_on_real_queries_are_the_parsers() {
    testkit::reference!("kql");
    assert_met(&language::parse(&real_queries().unwrap()));
}

#[test]
fn verdicts_and_columns_of_real_queries_are_the_binders() {
    testkit::reference!("kql");
    assert_met(&language::bind(&real_queries().unwrap()).unwrap());
}

#[test]
fn columns_of_recorded_queries_are_the_engines() {
    testkit::reference!("kql");
    assert_met(&language::schema(&recorded_queries().unwrap()));
}
