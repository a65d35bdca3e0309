//! What a watch finds, when, and how often.

use crate::made::Site;

/// Finds each failed logon, every hour over the hour before.
const EACH: &str = "\
id: each
name: Each logon
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: HostName
        columnName: DeviceName
query: DeviceLogonEvents | where ActionType == 'LogonFailed' | project Timestamp, DeviceName
";

/// Finds hosts with three of them within an hour.
const THREE: &str = "\
id: three
name: Three logons
severity: High
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
query: DeviceLogonEvents | summarize Count = count() by DeviceName | where Count >= 3
";

#[test]
fn what_was_there_before_is_found_at_once() {
    let site = Site::new(&[EACH]);
    site.ingest("b1", &[("pc1", "01:10"), ("pc2", "09:50")]);
    let mut watching = site.watch();
    let looked = watching.turn("12:00");
    assert_eq!((looked.rows, looked.rules, looked.alerts), (2, 1, 2));
    assert_eq!(watching.values("DeviceName"), ["pc1", "pc2"]);
    // There is nothing new.
    assert_eq!(watching.turn("12:01").rules, 0);
    let runs = watching.book.runs(None, None, 10).unwrap();
    let told: Vec<_> = runs.iter().map(|run| (run.status.as_str(), run.alerts)).collect();
    // Nobody has looked at the runs since 10:00, which had nothing to see.
    assert_eq!(told, [("nothing", 0), ("late", 2)]);
}

#[test]
fn a_row_is_found_by_the_next_run_of_its_schedule() {
    let site = Site::new(&[EACH]);
    let mut watching = site.watch();
    assert_eq!(watching.turn("12:00").rules, 0);
    site.ingest("b1", &[("pc1", "12:10")]);
    let looked = watching.turn("12:11");
    assert_eq!((looked.rows, looked.rules), (1, 0));
    assert_eq!(watching.turn("12:59").rules, 0);
    assert_eq!(watching.turn("13:00").alerts, 1);
    let runs = watching.book.runs(Some("each"), None, 10).unwrap();
    let told: Vec<_> = runs.iter().map(|run| (run.status.as_str(), run.alerts)).collect();
    assert_eq!(told, [("done", 1), ("nothing", 0)]);
}

#[test]
fn a_row_that_comes_late_is_found_when_it_comes_and_completes_what_was_there() {
    let site = Site::new(&[EACH, THREE]);
    let mut watching = site.watch();
    site.ingest("b1", &[("pc1", "10:05"), ("pc1", "10:10")]);
    assert_eq!(watching.turn("11:00").alerts, 2);
    // The run at 11:00 sees three of them now.
    site.ingest("b2", &[("pc1", "10:20")]);
    let looked = watching.turn("11:02");
    assert_eq!((looked.rules, looked.alerts), (2, 2));
    assert_eq!(watching.values("Count"), ["3", "null", "null", "null"]);
}

#[test]
fn a_process_that_begins_goes_on_where_the_last_one_ended() {
    let site = Site::new(&[EACH]);
    let mut first = site.watch();
    site.ingest("b1", &[("pc1", "12:10")]);
    assert_eq!(first.turn("12:11").rows, 1);
    drop(first);
    site.ingest("b2", &[("pc2", "12:20")]);
    let mut second = site.watch();
    // What the first has taken note of it need not.
    let looked = second.turn("16:30");
    assert_eq!((looked.rows, looked.alerts), (1, 2));
    assert_eq!(second.values("DeviceName"), ["pc1", "pc2"]);
    drop(second);
    let mut third = site.watch();
    assert_eq!(third.turn("16:40").rules, 0);
    assert_eq!(third.values("DeviceName"), ["pc1", "pc2"]);
}

#[test]
fn alerts_become_incidents_and_rows_of_the_lake_once() {
    let site = Site::new(&[EACH]);
    site.ingest("b1", &[("pc1", "01:10"), ("pc2", "09:50")]);
    let mut watching = site.watch();
    assert_eq!(watching.turn("12:00").alerts, 2);
    let incidents = watching.book.incidents(None, None, 10).unwrap();
    assert_eq!(incidents.len(), 2);
    assert_eq!(incidents[0].status, "New");
    assert!(watching.alerts().iter().all(|alert| alert.incident.is_some()));
    assert_eq!(watching.deliver("12:00"), 1);
    let rows = |table: &str| {
        let files = site.lake().files(table).unwrap();
        files.iter().map(|file| file.rows).sum::<u64>()
    };
    let tables = ["SecurityAlert", "SecurityIncident", "SentinelHealth"];
    assert_eq!(tables.map(rows), [2, 2, 1]);
    assert_eq!(watching.deliver("12:01"), 0);
    drop(watching);
    assert_eq!(site.watch().deliver("12:02"), 0);
    assert_eq!(tables.map(rows), [2, 2, 1]);
}
