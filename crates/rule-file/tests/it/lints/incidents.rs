//! Lints of what becomes of a rule's alerts, and what a rule says of them.

use rule_file::{Period, RuleFile};

use super::{RULE, check, lines_of};

/// Returns the good rule with alerts grouped as told.
fn grouped(grouping: &str) -> String {
    format!("{RULE}incidentConfiguration:\n  groupingConfiguration:\n    enabled: true\n{grouping}")
}

#[test]
fn suppression_lasts_24_hours_at_most() {
    let with = |duration: &str| format!("severity: Medium\nsuppressionDuration: {duration}");
    check("severity: Medium", &with("24h"), &[]);
    check(
        "severity: Medium",
        &with("PT25H"),
        &["error KQL0506 at `PT25H`: `suppressionDuration` is 24 hours at most"],
    );
}

#[test]
fn suppression_has_a_duration() {
    check("severity: Medium", "severity: Medium\nsuppressionEnabled: false", &[]);
    check(
        "severity: Medium",
        "severity: Medium\nsuppressionEnabled: true",
        &[
            "error KQL0501 at `true`: a rule that is suppressed needs the field `suppressionDuration`",
        ],
    );
}

#[test]
fn grouping_looks_back_5_minutes_to_7_days() {
    for good in ["PT5M", "5h", "7d"] {
        let rule = grouped(&format!("    lookbackDuration: {good}\n"));
        assert_eq!(lines_of(&rule, None), [""; 0], "{good}");
    }
    for bad in ["4m", "P8D", "soon"] {
        let rule = grouped(&format!("    lookbackDuration: {bad}\n"));
        let expected = format!(
            "error KQL0535 at `{bad}`: `lookbackDuration` has to be from 5 minutes to 7 days"
        );
        assert_eq!(lines_of(&rule, None), [expected]);
    }
}

#[test]
fn selected_needs_something_to_match() {
    let selected = "    matchingMethod: Selected\n";
    assert_eq!(
        lines_of(&grouped(selected), None),
        [
            "error KQL0535 at `Selected`: `Selected` needs an entity, an alert detail or a custom detail \
          to match"
        ]
    );
    for by in [
        "groupByEntities: [Host]",
        "groupByAlertDetails: [Severity]",
        "groupByCustomDetails: [Share]",
    ] {
        assert_eq!(lines_of(&grouped(&format!("{selected}    {by}\n")), None), [""; 0], "{by}");
    }
    let unknown = lines_of(&grouped(&format!("{selected}    groupByEntities: [Hots]\n")), None);
    assert_eq!(
        unknown,
        ["error KQL0535 at `Hots`: `groupByEntities` does not take `Hots`; expected one of \
          `Account`, `AzureResource`, `CloudApplication`, `DNS`, `File`, `FileHash`, `Host`, \
          `IoTDevice`, `IP`, `Mailbox`, `MailCluster`, `MailMessage`, `Malware`, `Process`, \
          `RegistryKey`, `RegistryValue`, `SecurityGroup`, `SubmissionMail`, `URL`"]
    );
}

#[test]
fn dynamic_properties_are_those_that_sentinel_knows() {
    let with = |name: &str| {
        format!(
            "alertDetailsOverride:\n  alertDynamicProperties:\n    - alertProperty: {name}\n      \
             value: Computer"
        )
    };
    check("alertDetailsOverride:", &with("ProductName"), &[]);
    check(
        "alertDetailsOverride:",
        &with("ProductNames"),
        &[
            "error KQL0518 at `ProductNames`: `alertProperty` does not take `ProductNames`; did you \
           mean `ProductName`?",
        ],
    );
}

#[test]
fn everything_that_sentinel_refuses_is_listed_and_nothing_else() {
    let rule = RULE
        .replace("id: 9da25366-2c77-41a5-a159-0da5e2f5fb90\n", "id: mine\n")
        .replace("kind: Scheduled\n", "")
        .replace("queryFrequency: 1h", "queryFrequency: 2m")
        .replace("triggerThreshold: 0", "triggerThreshold: 10001")
        .replace("  | where", "  | union *\n  | where");
    let found = RuleFile::read(&rule).unwrap().deployment_errors();
    let codes: Vec<String> = found.iter().map(|it| it.code.to_string()).collect();
    assert_eq!(codes, ["KQL0506", "KQL0509", "KQL0522"]);
}

#[test]
fn what_a_rule_says_of_alerts_and_incidents_is_read() {
    let rule = grouped(
        "    reopenClosedIncident: true\n    lookbackDuration: PT6H\n    matchingMethod: Selected\n    \
         groupByEntities: [Host]\n    groupByAlertDetails: [DisplayName]\n    \
         groupByCustomDetails: [Share]\n",
    );
    let rule = rule.replace(
        "severity: Medium",
        "severity: Medium\nsuppressionEnabled: true\nsuppressionDuration: 2h\n\
         eventGroupingSettings:\n  aggregationKind: AlertPerResult",
    );
    let alerts = RuleFile::read(&rule).unwrap().definition().unwrap().alerts;
    assert!(alerts.is_per_result && alerts.incidents.are_created);
    assert_eq!(alerts.suppression, Period::parse("2h"));
    assert_eq!(alerts.custom_details, [("Share".to_owned(), "ShareName".to_owned())]);
    assert_eq!(alerts.name_format.as_deref(), Some("Share on {{Computer}}"));
    let grouping = alerts.incidents.grouping.unwrap();
    assert!(grouping.reopens_closed);
    assert_eq!(grouping.look_back, Period::parse("6h"));
    let selected = (grouping.entities, grouping.alert_details, grouping.custom_details);
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(selected, (one("Host"), one("DisplayName"), one("Share")));
    let silent = rule.replace("suppressionEnabled: true", "suppressionEnabled: false");
    let silent = silent.replace("    enabled: true", "    enabled: false");
    let alerts = RuleFile::read(&silent).unwrap().definition().unwrap().alerts;
    assert_eq!((alerts.suppression, alerts.incidents.grouping), (None, None));
}
