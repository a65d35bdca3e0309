//! Lints of Defender's custom detections.

use super::lines_of;

const DETECTION: &str = "kind: CustomDetection
properties:
  queryCondition:
    queryText: |
      DeviceEvents
  displayName: d
  detectionAction:
    alertTemplate:
      severity: low
  schedule:
    frequency: P1D
";

#[test]
fn custom_detections() {
    let good = ["Timestamp", "ReportId", "DeviceId"];
    assert_eq!(lines_of(DETECTION, Some(&good)), [""; 0]);
    assert_eq!(
        lines_of(DETECTION, Some(&["DeviceId", "Count"])),
        ["warning KQL0530 at ``: a custom detection needs `Timestamp`, and `ReportId`; after \
          `summarize`, keep them by `arg_max(Timestamp, *)`"]
    );
    assert_eq!(
        lines_of(&DETECTION.replace("P1D", "PT2H"), None),
        [
            "error KQL0531 at `PT2H`: Defender runs no detection on `DeviceEvents` every `PT2H`; expected \
             `PT1H`, `PT3H`, `PT12H` or `P1D`; other frequencies are for queries of Sentinel's tables alone"
        ]
    );
    let immediate = DETECTION.replace("P1D", "PT0S").replace("DeviceEvents", "union DeviceEvents");
    assert_eq!(
        lines_of(&immediate, None),
        ["error KQL0532 at `union`: in near real time, Defender runs no query with `union`"]
    );
}

#[test]
fn a_detection_has_the_frequencies_that_its_tables_allow() {
    let codes = |table: &str, schedule: &str| {
        let rule = DETECTION
            .replace("DeviceEvents", table)
            .replace("    frequency: P1D\n", &schedule.replace('~', "\n    "));
        lines_of(&rule, None)
            .into_iter()
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (table, schedule, expected) in [
        ("SecurityEvent", "    frequency: PT5M\n", &[][..]),
        ("SecurityEvent", "    frequency: P14D\n", &[]),
        ("SecurityEvent", "    frequency: PT4M\n", &["KQL0531"]),
        ("DeviceEvents", "    frequency: PT5M\n", &["KQL0531"]),
        ("DeviceEvents", "    frequency: PT3H\n", &[]),
        ("DeviceEvents", "    period: 12H\n", &[]),
        ("SecurityEvent", "    frequency: PT1H~lookback: PT30M\n", &["KQL0534"]),
        ("SecurityEvent", "    frequency: PT1H~lookback: PT1H\n", &[]),
        (
            "SecurityEvent | where TimeGenerated > ago(2h)",
            "    frequency: PT1H~lookback: PT1H\n",
            &["KQL0527"],
        ),
    ] {
        assert_eq!(codes(table, schedule), expected, "{table} {schedule}");
    }
}
