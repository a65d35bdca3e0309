//! Rules that may miss events that belong together.

use super::lines_of;

const SCHEDULE: &str = "queryFrequency: 1h\nqueryPeriod: 1h";

/// Returns what is said of blind spans, of a rule with a schedule and more of a query.
fn said(schedule: &str, more: &str) -> Vec<String> {
    let rule =
        super::RULE.replace(SCHEDULE, schedule).replace("== 5140", &format!("== 5140\n  {more}"));
    assert!(rule.contains(schedule));
    lines_of(&rule, None).into_iter().filter(|line| line.contains("KQL0540")).collect()
}

const COUNT: &str = "| summarize Logons = count() by Computer\n  | where Logons > 1";

#[test]
fn a_count_over_windows_that_do_not_overlap_enough_is_told() {
    assert_eq!(
        said("queryFrequency: 10m\nqueryPeriod: 10m", COUNT),
        [
            "warning KQL0540 at `queryPeriod`: the query counts rows, and events however near each other \
             may be in no run together: when the rule first runs decides that; make the period as long as \
             the frequency and the longest time between the events; `quarry simulate --phase all` tells \
             how likely each event is found"
        ]
    );
    let further = said("queryFrequency: 10m\nqueryPeriod: 15m", COUNT);
    assert!(further[0].contains("more than 00:05:00 apart"), "{further:?}");
    assert_eq!(said("queryFrequency: 10m\nqueryPeriod: 20m", COUNT), [""; 0]);
}

#[test]
fn thresholds_and_joins_want_several_events_too() {
    let ten = "queryFrequency: 10m\nqueryPeriod: 10m";
    for more in [
        "| summarize Hosts = dcount(Computer), Times = make_list(TimeGenerated) by Account\n  | where Hosts >= 2",
        "| join kind=inner (SecurityEvent | where EventID == 4624) on Computer",
        "| join (SecurityEvent | where EventID == 4624) on Computer",
        "| join hint.strategy=broadcast kind=innerunique (Event | take 1) on Computer",
    ] {
        assert_eq!(said(ten, more).len(), 1, "{more}");
    }
    let threshold =
        super::RULE.replace(SCHEDULE, ten).replace("triggerThreshold: 0", "triggerThreshold: 4");
    assert_ne!(threshold, super::RULE.replace(SCHEDULE, ten));
    let said = lines_of(&threshold, None);
    assert!(
        said.iter().any(|line| line.contains("KQL0540") && line.contains("threshold")),
        "{said:?}"
    );
}

#[test]
fn of_queries_that_may_do_with_one_event_nothing_is_said() {
    let ten = "queryFrequency: 10m\nqueryPeriod: 10m";
    for more in [
        "| summarize Logons = count() by Computer",
        "| summarize Logons = count() by Computer\n  | where Logons > 0",
        "| summarize Logons = count() by Computer\n  | where Logons < 5",
        "| summarize Last = max(TimeGenerated) by Computer\n  | where Computer > 5",
        "| join kind=leftanti (SecurityEvent | where EventID == 4624) on Computer",
        "| join kind=inner (_GetWatchlist('known') | project Computer) on Computer",
        "| join kind=inner (Known | project Computer) on Computer; let Known = datatable(Computer: string)[]",
    ] {
        assert_eq!(said(ten, more), [""; 0], "{more}");
    }
}
