//! Rules that raise alerts for one event again and again.

use super::check;

const SCHEDULE: &str = "queryFrequency: 1h\nqueryPeriod: 1h";

#[test]
fn an_event_in_the_windows_of_several_runs_raises_several_alerts() {
    let warning = |windows: u32| {
        format!(
            "warning KQL0539 at `queryPeriod`: one event is in the windows of {windows} runs, and each \
             raises an alert; make the period as long as the frequency, or keep what has arrived since \
             the last run by `ingestion_time() > ago(…)`"
        )
    };
    check(SCHEDULE, "queryFrequency: 5m\nqueryPeriod: 1d", &[&warning(288)]);
    check(SCHEDULE, "queryFrequency: 1h\nqueryPeriod: 2h", &[&warning(2)]);
    check(SCHEDULE, "queryFrequency: 1h\nqueryPeriod: 90m", &[]);
    let suppressed = "suppressionEnabled: true\nsuppressionDuration: 5h\n";
    check(SCHEDULE, &format!("{suppressed}queryFrequency: 5m\nqueryPeriod: 1d"), &[]);
}

#[test]
fn of_queries_that_do_not_judge_each_row_by_itself_nothing_is_said() {
    for more in [
        "| where ingestion_time() > ago(5m)",
        "| where TimeGenerated > ago(5m)",
        "| summarize count() by Computer",
        "| distinct Computer",
        "| join kind=inner (SecurityEvent) on Computer",
    ] {
        let rule = super::RULE
            .replace(SCHEDULE, "queryFrequency: 1h\nqueryPeriod: 3h")
            .replace("== 5140", &format!("== 5140\n  {more}"));
        let said = super::lines_of(&rule, None);
        assert!(!said.iter().any(|line| line.contains("KQL0539")), "{said:?}");
    }
}
