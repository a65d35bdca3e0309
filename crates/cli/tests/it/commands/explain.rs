//! `quarry explain`.

use crate::quarry::quarry;

/// Returns rows and text of each stage; times differ from run to run.
fn stages(stdout: &str) -> Vec<(String, String)> {
    let lines = stdout.lines().skip(1).take_while(|line| !line.starts_with("no rows"));
    lines
        .filter_map(|line| {
            let (rows, rest) = line.trim_start().split_once("  ")?;
            let (_, stage) = rest.split_once(" ms")?;
            Some((rows.to_owned(), stage.trim_end().to_owned()))
        })
        .collect()
}

#[test]
fn every_stage_is_counted() {
    let outcome = quarry([
        "explain",
        "range x from 1 to 10 step 1 | where x > 4 // some\n| summarize n = count() by y = x % 3",
    ]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let expected = [
        ("10", "  range x from 1 to 10 step 1"),
        ("6", "  where x > 4"),
        ("3", "  summarize n = count() by y = x % 3"),
    ];
    let expected = expected.map(|(rows, stage)| (rows.to_owned(), stage.to_owned()));
    assert_eq!(stages(&outcome.stdout), expected, "{}", outcome.stdout);
}

#[test]
fn the_stage_that_loses_the_last_row_is_named() {
    let query = "let X = range x from 1 to 3 step 1 | where x > 2; \
                 X | join kind=inner (range y from 7 to 9 step 1 | where y > 8) on $left.x == $right.y";
    let outcome = quarry(["explain", query]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let rows: Vec<String> = stages(&outcome.stdout).into_iter().map(|(rows, _)| rows).collect();
    assert_eq!(rows, ["3", "1", "1", "0", "3", "1"], "{}", outcome.stdout);
    let last = outcome.stdout.lines().last().unwrap();
    assert!(last.starts_with("no rows from here on: join kind=inner"), "{last}");
}

#[test]
fn a_rule_of_the_package_is_explained_over_files() {
    let rule = "detections/t1021.002/rules/published_reference.yaml";
    let outcome = quarry(["explain", rule, "samples"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("        rows"), "{}", outcome.stdout);
}

#[test]
fn a_stage_that_does_not_run_yet_is_said_and_the_others_are_counted() {
    let outcome = quarry(["explain", "print s = 'a' | reduce by s | count"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("refused"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("KQL0902"), "{}", outcome.stderr);
}

#[test]
fn the_plan_is_shown() {
    let outcome = quarry(["explain", "--plan", "print a = 1 | where a > 0"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("typed tree\n"), "{}", outcome.stdout);
    for (query, replay) in [
        ("DeviceEvents | where ActionType == 'a'", "each row by itself, once"),
        ("DeviceEvents | summarize count() by DeviceName", "many runs at once"),
        ("DeviceEvents | top 3 by Timestamp", "run by run"),
    ] {
        let outcome = quarry(["explain", "--plan", query]);
        let told = format!("replay of a schedule: {replay}\n");
        assert!(outcome.stdout.contains(&told), "{}", outcome.stdout);
    }
}
