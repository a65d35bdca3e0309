//! What a watch finds, when, and how often.

use std::collections::BTreeSet;

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

/// Fails on the data of a host.
const FAILING: &str = "\
id: failing
name: A rule that fails
severity: Low
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
query: DeviceLogonEvents | summarize n = count() by DeviceName | where assert(n < 1 or DeviceName != 'pc0', 'no pc0')
";

#[test]
fn a_rule_that_fails_is_tried_again_later_and_disabled_at_last_and_others_go_on() {
    let site = Site::new(&[FAILING, EACH]);
    site.ingest("b1", &[("pc0", "10:10")]);
    let mut watching = site.watch();
    let looked = watching.turn("12:00");
    assert_eq!((looked.failed, looked.alerts), (1, 1));
    // Not at once.
    assert_eq!(watching.turn("12:01").rules, 0);
    assert_eq!(watching.turn("12:02").failed, 1);
    assert_eq!(watching.turn("12:05").rules, 0);
    let hours = ["12:06", "12:20", "13:00", "14:00", "15:00", "16:00", "17:00", "18:00"];
    assert!(hours.iter().all(|hour| watching.turn(hour).failed == 1));
    let rule = || watching.book.rules().unwrap().into_iter().find(|it| it.id == "failing").unwrap();
    assert_eq!((rule().failures, rule().disabled_by.as_deref()), (10, Some("failures")));
    assert_eq!(watching.turn("20:00").failed, 0);
    // Somebody has it run again; what was due is due.
    assert!(watching.book.set_disabled("failing", false).unwrap());
    assert_eq!(watching.turn("21:30").failed, 1);
}

#[test]
fn what_an_exception_is_for_is_set_aside_and_kept() {
    let site = Site::new(&[EACH]);
    site.ingest("b1", &[("pc1", "01:10"), ("pc2", "09:50")]);
    let mut watching = site.watch();
    let list = "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n\
                e1,each,DeviceName,pc1,Timestamp,2024*,,,anna,known,T-1,2024-05-01\n";
    let made = watching.book.add_exception(list, "anna", 0).unwrap().unwrap();
    assert_eq!(made.as_deref(), Some("e1"));
    let looked = watching.turn("12:00");
    assert_eq!((looked.alerts, looked.suppressed), (1, 1));
    let by: Vec<_> = watching.alerts().into_iter().map(|it| it.suppressed_by).collect();
    assert_eq!(by, [None, Some("e1".to_owned())]);
    assert_eq!(watching.book.incidents(None, None, 10).unwrap().len(), 1);
}

#[test]
fn a_rule_that_is_new_looks_at_all_there_is() {
    let mut site = Site::new(&[EACH]);
    site.ingest("b1", &[("pc1", "10:05"), ("pc1", "10:10"), ("pc1", "10:20")]);
    assert_eq!(site.watch().turn("12:00").alerts, 3);
    site.add_rule(THREE);
    let mut watching = site.watch();
    let looked = watching.turn("12:01");
    assert_eq!((looked.rules, looked.alerts), (1, 1));
}

#[test]
fn a_rule_that_is_there_again_sees_what_came_while_it_was_not() {
    let mut site = Site::new(&[EACH]);
    site.add_rule(THREE);
    assert_eq!(site.watch().turn("12:00").rules, 0);
    let three = site.take_rule();
    let mut watching = site.watch();
    site.ingest("b1", &[("pc1", "10:05"), ("pc1", "10:10"), ("pc1", "10:20")]);
    assert_eq!(watching.turn("12:01").alerts, 3);
    drop(watching);
    site.put_rule(three);
    assert_eq!(site.watch().turn("12:02").alerts, 1);
}

#[test]
fn what_is_not_taken_is_sent_again_later_and_once() {
    let site = Site::new(&[EACH]);
    site.ingest("b1", &[("pc1", "01:10"), ("pc2", "09:50")]);
    let (mut watching, taken) = site.watch_with_taker(3);
    watching.turn("12:00");
    // The lake takes its part; the taker's first one fails, and the second waits behind it.
    assert_eq!(watching.deliver("12:00"), 1);
    assert_eq!(watching.book.waiting().unwrap()[0].count, 2);
    for now in ["12:01", "12:02", "12:03", "12:04", "12:05"] {
        watching.deliver(now);
    }
    let mut ids: Vec<String> = watching.alerts().into_iter().map(|alert| alert.id).collect();
    ids.sort();
    let mut taken = taken.lock().unwrap().clone();
    taken.sort();
    assert_eq!(taken, ids);
    assert_eq!(watching.book.waiting().unwrap(), []);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(8))]

    /// In whatever order rows come, whenever they are looked at, and however often the process begins anew: what
    /// a hunt over all of them finds has been raised.
    #[test]
    fn what_a_hunt_finds_has_been_raised(
        batches in proptest::collection::vec(
            proptest::collection::vec((0..3_usize, 0..150_u32), 1..4), 1..6),
        turns in proptest::collection::vec((0..2_u32, proptest::bool::ANY), 6),
    ) {
        let site = Site::new(&[EACH, THREE]);
        let mut minute = 180;
        let mut watching = site.watch();
        for (number, (batch, (wait, begins_anew))) in batches.iter().zip(&turns).enumerate() {
            let logons: Vec<(String, String)> = batch
                .iter()
                .map(|(host, minute)| (format!("pc{host}"), format!("10:{:02}", minute % 60)))
                .collect();
            let logons: Vec<(&str, &str)> =
                logons.iter().map(|(host, time)| (&**host, &**time)).collect();
            site.ingest(&format!("b{number}"), &logons);
            if *begins_anew {
                drop(watching);
                watching = site.watch();
            }
            watching.turn(&clock(minute));
            minute += wait;
        }
        watching.turn(&clock(minute + 2));
        let raised: BTreeSet<String> = watching.alerts().into_iter().map(|it| it.id).collect();
        let hunted = site.hunted();
        proptest::prop_assert!(hunted.is_subset(&raised), "{hunted:?} {raised:?}");
    }
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", 9 + minute / 60, minute % 60)
}
