//! Queries, and what of them depends on when they look.

use super::*;
use crate::{Environment, compile};

const HOUR: Ticks = 36_000_000_000;

/// Returns the steps of a query in hours, and the columns that are made of the time.
fn of(query: &str) -> (Option<Vec<Ticks>>, Vec<String>) {
    let environment = Environment::builtin(tables::Environment::Both);
    let compiled = compile(query, &environment, true).unwrap();
    let schemas = environment.all_schemas();
    let result = &compiled.results[0];
    let found = time_use(&result.plan, &schemas);
    let columns = result.columns.iter().zip(&found.columns).filter(|(_, is_made)| **is_made);
    (
        found.steps.map(|steps| steps.into_iter().map(|step| step / HOUR).collect()),
        columns.map(|(column, _)| column.name.clone()).collect(),
    )
}

#[track_caller]
fn changes_after(query: &str, hours: &[Ticks]) {
    assert_eq!(of(query).0.as_deref(), Some(hours), "{query}");
}

/// The time of a process is one that Sysmon's record carries besides its own.
#[test]
fn a_time_that_is_data_proves_nothing() {
    assert_eq!(of("DeviceProcessEvents | where ago(2h) <= Timestamp").0, None);
}

#[test]
fn a_comparison_of_a_records_time_with_the_looks_changes_once() {
    changes_after("SecurityEvent | where EventID == 1", &[]);
    changes_after("SecurityEvent | where TimeGenerated > ago(1h)", &[1]);
    changes_after("DeviceLogonEvents | where ago(2h) <= Timestamp", &[2]);
    changes_after("SecurityEvent | where TimeGenerated between (ago(3h) .. ago(1h))", &[1, 3]);
    changes_after("SecurityEvent | where TimeGenerated + 1h > now() - 2h", &[3]);
    changes_after("SecurityEvent | where now() - TimeGenerated < 4h", &[4]);
    changes_after(
        "let t = ago(5h); SecurityEvent | extend New = TimeGenerated > t | where New",
        &[5],
    );
    changes_after(
        "SecurityEvent | summarize First = min(TimeGenerated) by Computer \
         | where First > ago(6h) or Computer == 'a'",
        &[6],
    );
    changes_after(
        "SecurityEvent | where TimeGenerated > ago(1h) | join kind=leftanti \
         (SecurityEvent | where TimeGenerated < ago(2h)) on Account | sort by TimeGenerated",
        &[1, 2],
    );
    changes_after(
        "let old = SecurityEvent | where TimeGenerated < ago(7h) | distinct Account; \
         SecurityEvent | where Account !in (old)",
        &[7],
    );
    changes_after(
        "let newest = toscalar(SecurityEvent | summarize max(TimeGenerated)); \
         SecurityEvent | where TimeGenerated > newest - 1h and newest > ago(8h)",
        &[8],
    );
}

#[test]
fn whatever_else_rows_are_chosen_by_may_change_at_any_time() {
    for query in [
        "SecurityEvent | where TimeGenerated > startofday(now())",
        "SecurityEvent | where hourofday(now()) < 6",
        "SecurityEvent | where bin(TimeGenerated, 1h) == bin(now(), 1h)",
        "SecurityEvent | summarize count() by Age = bin(now() - TimeGenerated, 1h)",
        "SecurityEvent | where now() > datetime(2024-01-01)",
        "SecurityEvent | extend d = datetime_diff('hour', now(), TimeGenerated) | where d < 2",
        "SecurityEvent | summarize t = make_list(TimeGenerated) | where tostring(t) has tostring(now())",
        "SecurityEvent | make-series n = count() on TimeGenerated from ago(5h) to now() step 1h",
        "SecurityEvent | extend Age = now() - TimeGenerated | distinct Age",
        "SecurityEvent | extend k = tostring(now()) | join (SecurityEvent) on $left.k == $right.Account",
        "SecurityEvent | extend k = startofday(now()) | sort by k asc | take 1",
        // Of two times of a row, only one says when the record is in the window.
        "SecurityEvent | extend o = datetime(2024-01-01) | where o > ago(1h)",
    ] {
        assert_eq!(of(query).0, None, "{query}");
    }
}

#[test]
fn columns_made_of_the_time_are_known_and_decide_nothing() {
    let (steps, columns) = of("SecurityEvent | extend Age = now() - TimeGenerated, \
         Day = format_datetime(now(), 'yyyy'), New = TimeGenerated > ago(1h) \
         | project Computer, Age, Day, New, Same = TimeGenerated");
    assert_eq!(steps.as_deref(), Some(&[1][..]));
    assert_eq!(columns, ["Age", "Day", "New"]);
    let (steps, columns) = of("SecurityEvent | where TimeGenerated > ago(1h) \
         | summarize n = count(), Oldest = max(now() - TimeGenerated) by Computer");
    assert_eq!((steps.as_deref(), columns), (Some(&[1][..]), vec!["Oldest".to_owned()]));
}
