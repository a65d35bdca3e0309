//! What the replay of a schedule finds, rule by rule.

use detection::alert::Alert;
use kql_types::Value;

use crate::made::{MINUTE, MadeRule, Row, both_ways};

fn visit(minute: i64, host: u8) -> Row {
    Row { table: 0, times: [minute * MINUTE; 2], host, number: minute }
}

fn number(alert: &Alert) -> i64 {
    match alert.column("Number") {
        Some(Value::Long(Some(number))) => *number,
        other => panic!("{other:?}"),
    }
}

/// Fails unless the replay finds the rows of these numbers, and looking at every run does too.
#[track_caller]
fn finds(rule: &MadeRule, rows: &[Row], numbers: &[i64]) {
    let (replayed, every) = both_ways(std::slice::from_ref(rule), rows);
    let mut found: Vec<i64> = replayed.alerts.iter().map(number).collect();
    found.sort_unstable();
    assert_eq!(found, numbers, "{rule:?}");
    assert_eq!(replayed, every, "{rule:?}");
}

#[test]
fn a_rule_over_rows_whose_own_look_back_is_shorter_than_its_period_finds_them() {
    let rows: Vec<Row> = [3, 64, 700, 1_300].map(|minute| visit(minute, 1)).to_vec();
    for look_back in ["1h", "5m", "2d"] {
        let query = format!("Visits | where TimeGenerated > ago({look_back})");
        let found: &[i64] = if look_back == "5m" { &[] } else { &[3, 64, 700, 1_300] };
        finds(&MadeRule::new(&query, "1h", "1d"), &rows, found);
        finds(
            &MadeRule::new(&query, "1h", "1h"),
            &rows,
            match look_back {
                // A run on the hour sees what is five minutes old, and none of these is.
                "5m" => &[],
                _ => &[3, 64, 700, 1_300],
            },
        );
    }
}

#[test]
fn a_row_that_comes_between_two_times_later_is_found_then() {
    let rows: Vec<Row> = [3, 64].map(|minute| visit(minute, 1)).to_vec();
    let query = "Visits | where TimeGenerated between (ago(3h) .. ago(2h))";
    finds(&MadeRule::new(query, "10m", "4h"), &rows, &[3, 64]);
    // Here it has left the window by then.
    finds(&MadeRule::new(query, "10m", "2h"), &rows, &[]);
}

#[test]
fn the_alert_of_the_first_run_that_raises_it_is_kept() {
    let query = "Visits | where TimeGenerated < ago(20m) | extend Age = now() - TimeGenerated";
    let rule = MadeRule::new(query, "5m", "1h");
    let (replayed, every) = both_ways(&[rule], &[visit(3, 1)]);
    assert_eq!(replayed, every);
    let age = replayed.alerts[0].column("Age").unwrap();
    assert_eq!((replayed.alerts.len(), age), (1, &Value::Timespan(Some(22 * MINUTE))));
}

#[test]
fn a_row_that_raises_an_alert_only_beside_others_is_as_the_run_has_it_that_raises_it() {
    let query = "Visits | extend Age = now() - TimeGenerated";
    let rule = MadeRule { trigger: ("gt", 1), ..MadeRule::new(query, "5m", "40m") };
    let (replayed, every) = both_ways(&[rule], &[visit(0, 1), visit(5, 1)]);
    assert_eq!(replayed, every);
    let ages = replayed.alerts.iter().map(|alert| alert.column("Age").unwrap());
    let expected = [5, 0].map(|minutes| Value::Timespan(Some(minutes * MINUTE)));
    assert_eq!(ages.cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_found_when_a_row_leaves_the_window_is_found() {
    // The second visit is a first one once the other is out of sight.
    let query = "Visits | summarize Number = max(Number), n = count() by Host | where n == 1";
    let rows = [visit(10, 1), visit(30, 1)];
    finds(&MadeRule::new(query, "10m", "1h"), &rows, &[10, 30]);
}

#[test]
fn a_column_of_two_times_that_differ_is_no_reason_to_leave_a_run_out() {
    let row = |minute: i64, other: i64| Row {
        table: 2,
        times: [minute * MINUTE, other * MINUTE],
        host: 1,
        number: minute,
    };
    let query = "Moves | where Timestamp between (ago(50m) .. ago(40m))";
    finds(&MadeRule::new(query, "5m", "1h"), &[row(10, 10), row(200, 215)], &[10, 200]);
}

#[test]
fn a_rule_that_raises_alerts_of_nothing_is_not_run_and_named() {
    for query in [
        "Visits | summarize Number = count() | where Number == 0",
        "Visits | count | where Count < 3",
        "union Visits, (print Number = 1)",
        "range Number from 1 to 3 step 1 | join kind=leftanti Visits on Number",
    ] {
        for rows in [&[][..], &[visit(10, 1)]] {
            let (replayed, _) = both_ways(&[MadeRule::new(query, "1h", "1h")], rows);
            assert_eq!(
                (&*replayed.alerts, &*replayed.unfounded),
                (&[][..], &["Rule 0".to_owned()][..])
            );
        }
    }
    // It counts as well, and is quiet where there is nothing.
    let query = "Visits | summarize Number = count() | where Number > 1";
    finds(&MadeRule::new(query, "1h", "1h"), &[visit(10, 1), visit(11, 1)], &[2]);
}
