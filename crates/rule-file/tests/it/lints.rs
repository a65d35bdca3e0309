//! Each lint, by a rule that is right but for one thing.

mod blind_span;
mod custom_detections;
mod duplicates;
mod incidents;
mod queries;

use rule_file::RuleFile;

/// A rule that nothing is to be said of.
const RULE: &str = "id: 9da25366-2c77-41a5-a159-0da5e2f5fb90
name: Admin shares
description: Finds it.
severity: Medium
requiredDataConnectors:
  - connectorId: SecurityEvents
    dataTypes: [SecurityEvent]
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics:
  - LateralMovement
relevantTechniques:
  - T1021.002
query: |
  SecurityEvent
  | where EventID == 5140
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: FullName
        columnName: Computer
customDetails:
  Share: ShareName
alertDetailsOverride:
  alertDisplayNameFormat: Share on {{Computer}}
version: 1.0.0
kind: Scheduled
";

fn lines_of(rule: &str, columns: Option<&[&str]>) -> Vec<String> {
    let columns: Option<Vec<String>> =
        columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
    let found = RuleFile::read(rule).unwrap().lint(columns.as_deref());
    found
        .into_iter()
        .map(|it| {
            let severity =
                if it.severity == kql_syntax::Severity::Error { "error" } else { "warning" };
            let help = it.help.map(|help| format!("; {help}")).unwrap_or_default();
            format!("{severity} {} at `{}`: {}{help}", it.code, &rule[it.span.range()], it.message)
        })
        .collect()
}

/// Replaces a part of the good rule and asserts what is said then.
#[track_caller]
fn check(part: &str, instead: &str, expected: &[&str]) {
    assert!(RULE.contains(part), "{part}");
    let columns = ["Computer", "ShareName", "TimeGenerated"];
    assert_eq!(lines_of(&RULE.replace(part, instead), Some(&columns)), expected);
}

#[test]
fn of_a_good_rule_nothing_is_said() {
    assert_eq!(lines_of(RULE, Some(&["Computer", "ShareName"])), [""; 0]);
    assert_eq!(lines_of(RULE, None), [""; 0]);
}

#[test]
fn of_what_is_no_rule_nothing_is_said() {
    assert_eq!(lines_of("id: x\nname: a hunting query\nquery: T\n", None), [""; 0]);
}

#[test]
fn missing_fields() {
    check("severity: Medium\n", "", &["error KQL0501 at `id`: a rule needs the field `severity`"]);
    check("kind: Scheduled\n", "", &["error KQL0501 at `id`: a rule needs the field `kind`"]);
    check(
        "queryPeriod: 1h\n",
        "queryPeriod:\n",
        &["error KQL0501 at `id`: a rule needs the field `queryPeriod`"],
    );
    check("version: 1.0.0\n", "", &["warning KQL0501 at `id`: a rule needs the field `version`"]);
}

#[test]
fn unknown_values() {
    check(
        "severity: Medium",
        "severity: medium",
        &["error KQL0502 at `medium`: `severity` does not take `medium`; did you mean `Medium`?"],
    );
    check(
        "triggerOperator: gt",
        "triggerOperator: more",
        &[
            "error KQL0502 at `more`: `triggerOperator` does not take `more`; expected one of `gt`, `lt`, \
           `eq`, `ne`, `GreaterThan`, `LessThan`, `Equal`, `NotEqual`",
        ],
    );
    check(
        "version: 1.0.0",
        "eventGroupingSettings:\n  aggregationKind: AlertPerRow\nversion: 1.0.0",
        &[
            "error KQL0502 at `AlertPerRow`: `aggregationKind` does not take `AlertPerRow`; expected one of \
           `SingleAlert`, `AlertPerResult`",
        ],
    );
}

#[test]
fn ids() {
    check(
        "9da25366-2c77-41a5-a159-0da5e2f5fb90",
        "\"admin-shares\"",
        &[
            "error KQL0503 at `\"admin-shares\"`: `admin-shares` is not a GUID; a GUID has 32 hexadecimal \
           digits: `9da25366-2c77-41a5-a159-0da5e2f5fb90`",
        ],
    );
}

#[test]
fn lengths() {
    let name = "x".repeat(257);
    check(
        "name: Admin shares",
        &format!("name: {name}"),
        &[&format!("error KQL0504 at `{name}`: `name` has 257 characters; Sentinel takes 256")],
    );
    let query = format!("EventID == 5140 or EventID in ({}1)", "1, ".repeat(4_000));
    check(
        "EventID == 5140",
        &query,
        &[
            "error KQL0504 at ``: `query` has 12056 characters; Sentinel takes 10000; keep long lists \
           in a watchlist",
        ],
    );
}

#[test]
fn periods() {
    check(
        "queryFrequency: 1h",
        "queryFrequency: hourly",
        &["error KQL0505 at `hourly`: `hourly` is not a duration; expected `5m`, `1h`, `14d`, or \
           `PT1H`"],
    );
    check(
        "queryPeriod: 1h",
        "queryPeriod: 15d",
        &["error KQL0506 at `15d`: `queryPeriod` has to be from 5 minutes to 14 days"],
    );
    check(
        "queryPeriod: 1h",
        "queryPeriod: PT30M",
        &[
            "error KQL0507 at `PT30M`: `queryPeriod` is shorter than `queryFrequency`; a run has to \
           look back to the one before it, at least",
        ],
    );
    for (operator, threshold) in [("lt", 1), ("lt", 5), ("eq", 0), ("ne", 3), ("LessThan", 2)] {
        check(
            "triggerOperator: gt\ntriggerThreshold: 0",
            &format!("triggerOperator: {operator}\ntriggerThreshold: {threshold}"),
            &[&*format!(
                "warning KQL0533 at `{operator}`: the trigger is met by a run that finds no rows; it \
                 does not run here: an alert would rest on no record"
            )],
        );
    }
    for (operator, threshold) in [("GreaterThan", 0), ("eq", 1), ("ne", 0), ("lt", 0)] {
        check(
            "triggerOperator: gt\ntriggerThreshold: 0",
            &format!("triggerOperator: {operator}\ntriggerThreshold: {threshold}"),
            &[],
        );
    }
    check(
        "queryFrequency: 1h\nqueryPeriod: 1h",
        "queryFrequency: 30m\nqueryPeriod: 2d",
        &[
            "error KQL0508 at `30m`: a rule that looks back two days or more runs once an hour at most",
        ],
    );
    check(
        "version: 1.0.0",
        "suppressionDuration: 5 hours\nversion: 1.0.0",
        &[
            "error KQL0505 at `5 hours`: `5 hours` is not a duration; expected `5m`, `1h`, `14d`, or \
           `PT1H`",
        ],
    );
}

#[test]
fn thresholds() {
    check(
        "triggerThreshold: 0",
        "triggerThreshold: 10001",
        &["error KQL0509 at `10001`: `triggerThreshold` has to be from 0 to 10000, found `10001`"],
    );
}

#[test]
fn tactics_and_techniques() {
    check(
        "- LateralMovement",
        "- Lateral Movement",
        &[
            "error KQL0510 at `Lateral Movement`: `tactics` does not take `Lateral Movement`; did you mean \
           `LateralMovement`?",
        ],
    );
    check(
        "- T1021.002",
        "- T1021/002",
        &[
            "error KQL0511 at `T1021/002`: `T1021/002` is not a technique; expected an id of MITRE ATT&CK: \
           `T1021` or `T1021.002`",
        ],
    );
    check(
        "tactics:\n  - LateralMovement\n",
        "",
        &["warning KQL0512 at `relevantTechniques`: techniques without `tactics`"],
    );
}

#[test]
fn entities() {
    check(
        "entityType: Host",
        "entityType: Computer",
        &[
            "error KQL0514 at `Computer`: `entityType` does not take `Computer`; expected one of `Account`, \
           `AzureResource`, `CloudApplication`, `DNS`, `File`, `FileHash`, `Host`, `IoTDevice`, `IP`, \
           `Mailbox`, `MailCluster`, `MailMessage`, `Malware`, `Process`, `RegistryKey`, \
           `RegistryValue`, `SecurityGroup`, `SubmissionMail`, `URL`",
        ],
    );
    check(
        "identifier: FullName",
        "identifier: Fullname",
        &[
            "error KQL0514 at `Fullname`: `Host` has no identifier `Fullname`; did you mean `FullName`?",
        ],
    );
    check(
        "identifier: FullName",
        "identifier: OSFamily",
        &[
            "error KQL0515 at `Host`: these identifiers do not identify a `Host`; needed: FullName, or \
           HostName, or NetBiosName, or AzureID, or OMSAgentID",
        ],
    );
    let field = "      - identifier: FullName\n        columnName: Computer\n";
    let many: String =
        ["HostName", "NTDomain", "DnsDomain"].map(|name| field.replace("FullName", name)).concat();
    check(
        field,
        &format!("{field}{many}"),
        &["error KQL0513 at `fieldMappings`: 4 identifiers; Sentinel takes 3"],
    );
    let entity = format!("  - entityType: Host\n    fieldMappings:\n{field}");
    check(
        &entity,
        &entity.repeat(11),
        &["error KQL0513 at `entityMappings`: 11 entities; Sentinel takes 10"],
    );
    check(
        &entity,
        &entity.repeat(6),
        &["warning KQL0513 at `entityMappings`: 6 entities; the public repository takes 5"],
    );
    check(
        "        columnName: Computer\n",
        "",
        &["error KQL0501 at `identifier: FullName\n`: a field mapping needs a `columnName`"],
    );
}

#[test]
fn columns_that_the_query_does_not_yield() {
    check(
        "columnName: Computer",
        "columnName: Computr",
        &[
            "warning KQL0516 at `Computr`: the query does not yield a column `Computr`; did you mean \
           `Computer`?",
        ],
    );
    check(
        "Share: ShareName",
        "Share: Zebra",
        &[
            "warning KQL0516 at `Zebra`: the query does not yield a column `Zebra`; the value will be missing \
           in every alert",
        ],
    );
    check(
        "{{Computer}}",
        "{{Host}}",
        &[
            "warning KQL0516 at `Share on {{Host}}`: the query does not yield a column `Host`; the value will \
           be missing in every alert",
        ],
    );
}

#[test]
fn custom_details() {
    check(
        "Share: ShareName",
        "1st: ShareName",
        &[
            "error KQL0517 at `1st`: `1st` is not a key of custom details; up to 20 letters, digits and \
           `_`, the first one a letter",
        ],
    );
    let details: String = "abcdefghijklmnopqrst".chars().fold(String::new(), |details, letter| {
        details + "  " + &letter.to_string() + ": ShareName\n"
    });
    check(
        "  Share: ShareName\n",
        &format!("  Share: ShareName\n{details}"),
        &["error KQL0517 at `customDetails`: 21 custom details; Sentinel takes 20"],
    );
}

#[test]
fn alert_formats() {
    check(
        "Share on {{Computer}}",
        "\"{{Computer}} {{Computer}} {{ShareName}} {{ShareName}}\"",
        &["error KQL0518 at `\"{{Computer}} {{Computer}} {{ShareName}} {{ShareName}}\"`: \
           `alertDisplayNameFormat` has 4 placeholders; Sentinel takes three"],
    );
}

#[test]
fn versions_and_misspelt_fields() {
    check(
        "version: 1.0.0",
        "version: 1.0",
        &["warning KQL0519 at `1.0`: `1.0` is not a version; expected three numbers: `1.0.0`"],
    );
    check(
        "queryPeriod: 1h",
        "queryPeroid: 1h",
        &[
            "error KQL0501 at `id`: a rule needs the field `queryPeriod`",
            "warning KQL0520 at `queryPeroid`: a rule has no field `queryPeroid`; did you mean \
             `queryPeriod`?",
        ],
    );
}

#[test]
fn rules_in_near_real_time() {
    let rule = RULE.replace("kind: Scheduled", "kind: NRT").replace("triggerOperator: gt\n", "");
    let unused = |field| {
        format!("warning KQL0521 at `{field}`: a rule of kind `NRT` has no use for `{field}`")
    };
    assert_eq!(
        lines_of(&rule, None),
        ["queryFrequency", "queryPeriod", "triggerThreshold"].map(unused)
    );
}

#[test]
fn fields_of_another_form() {
    check(
        "tactics:\n  - LateralMovement",
        "tactics: LateralMovement",
        &[
            "error KQL0523 at `LateralMovement`: `tactics` has to be a list",
            "warning KQL0512 at `relevantTechniques`: techniques without `tactics`",
        ],
    );
    check(
        "name: Admin shares",
        "name: [Admin shares]",
        &["error KQL0523 at `[Admin shares]`: `name` has to be a text"],
    );
}

#[test]
fn what_keeps_a_rule_from_being_run_is_an_error() {
    let refusals = |from: &str, to: &str| -> Vec<String> {
        let file = RuleFile::read(&RULE.replacen(from, to, 1)).unwrap();
        let found = file.refusals().into_iter();
        found.map(|it| format!("{:?} {:?}", it.severity, it.code.0)).collect()
    };
    assert_eq!(refusals("queryPeriod: 1h", "queryPeriod: PT59M"), ["Error 507"]);
    assert_eq!(refusals("triggerOperator: gt", "triggerOperator: eq"), ["Error 533"]);
    // Of what only the limits of the service forbid, a hunt makes no use.
    assert_eq!(refusals("queryPeriod: 1h", "queryPeriod: 15d"), [""; 0]);
    assert_eq!(refusals("kind: Scheduled", "kind: NRT"), [""; 0]);
}
