//! From alerts to incidents.

use sentinel::{ChangeKind, Incident, Row, Severity};

use crate::made::{MIDNIGHT, MINUTE, PER_RESULT, SINGLE, Simulated, hosts, row, rule};

/// Returns a rule with an alert for each row whose alerts are grouped as told.
fn grouped(grouping: &str) -> Simulated {
    let mapping = "entityMappings:\n  - entityType: Host\n    fieldMappings:\n      \
                   - {identifier: HostName, columnName: Computer}\n  - entityType: Account\n    \
                   fieldMappings:\n      - {identifier: Name, columnName: Account}\n";
    Simulated::new(rule(&format!(
        "{PER_RESULT}{mapping}customDetails:\n  Of: Kind\nalertDetailsOverride:\n  \
         alertSeverityColumnName: Level\nincidentConfiguration:\n  createIncident: true\n  \
         groupingConfiguration:\n    enabled: true\n{grouping}"
    )))
}

const ALL_ENTITIES: &str = "    matchingMethod: AllEntities\n";
const ANY_ALERT: &str = "    matchingMethod: AnyAlert\n";

fn of(host: &str, account: &str, level: &str, kind: &str) -> Row {
    row(0, [host, account, "", level, kind])
}

fn alerts(incidents: &[Incident]) -> Vec<usize> {
    incidents.iter().map(|incident| incident.alerts.len()).collect()
}

#[test]
fn by_default_every_alert_has_an_incident_of_its_own() {
    let incidents = Simulated::new(rule(PER_RESULT)).incidents(&[(0, &hosts(3)), (10, &hosts(1))]);
    assert_eq!(alerts(&incidents), [1, 1, 1, 1]);
    assert_eq!(incidents[0].title, "A rule");
}

#[test]
fn without_create_incident_there_is_none() {
    let off = format!("{SINGLE}incidentConfiguration:\n  createIncident: false\n");
    assert_eq!(Simulated::new(rule(&off)).incidents(&[(0, &hosts(3))]), []);
}

#[test]
fn the_incident_is_made_after_all_alerts_of_the_run() {
    let incidents = grouped(ANY_ALERT).incidents(&[(0, &hosts(3))]);
    let [incident] = &incidents[..] else { panic!("{incidents:?}") };
    assert_eq!((incident.created, incident.alerts.len()), (MIDNIGHT + 5 * MINUTE, 3));
    let [created] = &incident.history[..] else { panic!("{incident:?}") };
    assert_eq!((created.kind, created.alerts), (ChangeKind::Created, 3));
}

#[test]
fn alerts_with_all_entities_the_same_share_an_incident() {
    let rows = [of("a", "amy", "", ""), of("a", "bob", "", ""), of("a", "amy", "", "")];
    assert_eq!(alerts(&grouped(ALL_ENTITIES).incidents(&[(0, &rows)])), [2, 1]);
}

#[test]
fn a_dropped_entity_does_not_tell_alerts_apart() {
    let rows = [of("a", "Administrator", "", ""), of("a", "SYSTEM", "", "")];
    assert_eq!(alerts(&grouped(ALL_ENTITIES).incidents(&[(0, &rows)])), [2]);
}

#[test]
fn any_alert_of_the_rule_joins_the_incident() {
    let rows = [of("a", "amy", "", ""), of("b", "bob", "", "")];
    assert_eq!(alerts(&grouped(ANY_ALERT).incidents(&[(0, &rows), (10, &rows)])), [4]);
}

#[test]
fn selected_entities_and_details_have_to_match() {
    let rows = [
        of("a", "amy", "High", "x"),
        of("a", "bob", "High", "x"),
        of("b", "amy", "High", "x"),
        of("a", "amy", "Low", "x"),
        of("a", "amy", "High", "y"),
    ];
    let selected = |by: &str| {
        let grouping = format!("    matchingMethod: Selected\n{by}");
        alerts(&grouped(&grouping).incidents(&[(0, &rows)]))
    };
    assert_eq!(selected("    groupByEntities: [Host]\n"), [4, 1]);
    assert_eq!(selected("    groupByAlertDetails: [Severity]\n"), [4, 1]);
    assert_eq!(selected("    groupByAlertDetails: [DisplayName]\n"), [5]);
    assert_eq!(selected("    groupByCustomDetails: [Of]\n"), [4, 1]);
    assert_eq!(
        selected("    groupByEntities: [Host]\n    groupByCustomDetails: [Of]\n"),
        [3, 1, 1]
    );
}

#[test]
fn alerts_join_for_five_hours_from_the_first_alert() {
    let row = [of("a", "amy", "", "")];
    // The alert of minute 300 is in; it does not start another five hours.
    let runs: Vec<(i64, &[Row])> = [0, 290, 300, 310, 600].map(|at| (at, &row[..])).to_vec();
    assert_eq!(alerts(&grouped(ANY_ALERT).incidents(&runs)), [3, 2]);
}

#[test]
fn how_long_alerts_join_is_the_rules() {
    let row = [of("a", "amy", "", "")];
    let runs: Vec<(i64, &[Row])> = [0, 10, 20, 30].map(|at| (at, &row[..])).to_vec();
    let grouping = format!("{ANY_ALERT}    lookbackDuration: PT15M\n");
    assert_eq!(alerts(&grouped(&grouping).incidents(&runs)), [2, 2]);
}

#[test]
fn whether_an_alert_at_the_end_of_the_time_frame_joins_is_an_assumption() {
    let row = [of("a", "amy", "", "")];
    let runs: [(i64, &[Row]); 2] = [(0, &row), (300, &row)];
    let count =
        |option| alerts(&grouped(ANY_ALERT).assuming("frame-end", option).incidents(&runs)).len();
    assert_eq!((count("included"), count("over")), (1, 2));
}

#[test]
fn which_time_of_the_first_alert_the_time_frame_starts_at_is_an_assumption() {
    // Generated five hours and ten minutes apart, about the same event.
    let row = [of("a", "amy", "", "")];
    let runs: [(i64, &[Row]); 2] = [(0, &row), (310, &row)];
    let count =
        |option| alerts(&grouped(ANY_ALERT).assuming("frame-start", option).incidents(&runs)).len();
    assert_eq!((count("generated"), count("started")), (2, 1));
}

#[test]
fn an_incident_has_150_alerts_at_most_then_a_new_one_has_the_same_details() {
    let incidents = grouped(ANY_ALERT).incidents(&[(0, &hosts(100)), (10, &hosts(100))]);
    assert_eq!(alerts(&incidents), [150, 50]);
    let details = |at: usize| (&incidents[at].title, &incidents[at].description);
    assert_eq!(details(0), details(1));
    assert_ne!(incidents[0].id, incidents[1].id);
}

#[test]
fn a_closed_incident_is_reopened_or_a_new_one_made_as_the_rule_says() {
    use ChangeKind::{Closed, Created, Reopened};
    let row = [of("a", "amy", "", "")];
    let runs: [(i64, &[Row]); 2] = [(0, &row), (120, &row)];
    let of_rule = |reopens: bool| {
        let grouping = format!("{ANY_ALERT}    reopenClosedIncident: {reopens}\n");
        grouped(&grouping).assuming("closed-after", "1h").incidents(&runs)
    };
    let reopened = of_rule(true);
    assert_eq!(alerts(&reopened), [2]);
    let kinds: Vec<ChangeKind> = reopened[0].history.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [Created, Closed, Reopened, Closed]);
    assert_eq!(reopened[0].closed, Some(MIDNIGHT + 185 * MINUTE));
    let anew = of_rule(false);
    assert_eq!(alerts(&anew), [1, 1]);
    assert_eq!(anew[0].closed, Some(MIDNIGHT + 65 * MINUTE));
}

#[test]
fn nobody_closes_an_incident_unless_it_is_assumed() {
    assert_eq!(grouped(ANY_ALERT).incidents(&[(0, &hosts(1))])[0].closed, None);
}

#[test]
fn whether_alerts_without_entities_match_is_an_assumption() {
    let rows = [of("", "", "", ""), of("", "", "", "")];
    let of_option = |option| {
        alerts(&grouped(ALL_ENTITIES).assuming("no-entities", option).incidents(&[(0, &rows)]))
    };
    assert_eq!((of_option("together"), of_option("apart")), (vec![2], vec![1, 1]));
}

#[test]
fn the_severity_of_several_alerts_is_an_assumption() {
    let rows = [of("a", "amy", "Low", ""), of("b", "bob", "High", "")];
    let severity = |option| {
        grouped(ANY_ALERT).assuming("incident-severity", option).incidents(&[(0, &rows)])[0]
            .severity
    };
    assert_eq!(severity("highest"), Severity::High);
    assert_eq!(severity("first"), Severity::Low);
}
