//! `quarry tables`.

use crate::quarry::quarry;

/// Returns the lines of a listing as CSV, without the head.
#[track_caller]
fn lines(args: &[&str]) -> Vec<String> {
    let all = ["tables", "--format", "csv"].iter().chain(args).copied();
    let outcome = quarry(all);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    outcome.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_overview_has_filled_tables_and_groups() {
    let lines = lines(&[]);
    assert!(lines.len() < 120, "{}", lines.len());
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("DeviceImageLoadEvents,") && line.contains("sysmon_7"))
    );
    let group = lines.iter().find(|line| line.starts_with("AAD…,")).unwrap();
    assert!(group.contains("tables, `quarry tables AAD` lists them"), "{group}");
}

#[test]
fn all_tables_stand_in_order() {
    let lines = lines(&["--all"]);
    assert!(lines.len() > 900, "{}", lines.len());
    assert!(lines.is_sorted());
    assert!(lines.iter().any(|line| line.starts_with("SigninLogs,")));
}

#[test]
fn a_name_shows_columns_and_any_other_text_is_searched() {
    assert!(lines(&["CloudAppEvents"]).contains(&"ActivityObjects,dynamic".to_owned()));
    let found = lines(&["signinlogs"]);
    assert!(
        found.iter().any(|line| line.starts_with("AADNonInteractiveUserSignInLogs,")),
        "{found:?}"
    );
    let found = lines(&["FlaggedForReview"]);
    let [only] = &found[..] else { panic!("{found:?}") };
    assert!(only.starts_with("SigninLogs,") && only.ends_with(",FlaggedForReview"), "{only}");
}

#[test]
fn what_is_not_there_has_a_way_out() {
    let outcome = quarry(["tables", "ProcessCreationEvents"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("`DeviceProcessEvents`"), "{}", outcome.stderr);
    assert!(quarry(["tables", "no such text"]).stderr.contains("--schema FILE"));
}
