//! What each kind of change does to records, and what it leaves alone.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;

/// Fields and their texts.
type Fields = &'static [(&'static str, &'static str)];

/// A kind, a record, and what it has then; `""` for a field that is gone.
type Example = (&'static str, (&'static str, u64, &'static str), Fields, Fields);

const SOURCE: &str = "ws-0007.corp.example";
const TARGET: &str = "srv-0007.corp.example";

/// What kinds do that change one record by itself.
const EXAMPLES: &[Example] = &[
    (
        "renamed client",
        ("Sysmon", 1, SOURCE),
        &[("Image", r"C:\Windows\System32\NET.exe"), ("CommandLine", r"net use \\srv-0007\c$")],
        &[
            ("Image", r"C:\Windows\System32\updatehelper.exe"),
            ("CommandLine", r"updatehelper use \\srv-0007\c$"),
            ("OriginalFileName", "net.exe"),
        ],
    ),
    (
        "renamed client without version information",
        ("Sysmon", 1, SOURCE),
        &[
            ("Image", r"C:\t\PsExec.exe"),
            ("CommandLine", "\"C:\\t\\PsExec.exe\" PsExec.exe"),
            ("OriginalFileName", "psexec.c"),
        ],
        &[
            ("Image", r"C:\t\updatehelper.exe"),
            ("CommandLine", "\"C:\\t\\updatehelper.exe\" PsExec.exe"),
            ("OriginalFileName", "-"),
        ],
    ),
    (
        "renamed service",
        ("System", 7045, TARGET),
        &[("ServiceName", "BTOBTO"), ("ImagePath", r"C:\Windows\btobto.exe")],
        &[("ServiceName", "UpdateHelperSvc"), ("ImagePath", r"C:\Windows\UpdateHelperSvc.exe")],
    ),
    (
        "renamed program of a service",
        ("Security", 4697, TARGET),
        &[("ServiceName", "a"), ("ServiceFileName", "\"C:\\Windows\\evil.exe\" -s")],
        &[("ServiceName", "a"), ("ServiceFileName", "\"C:\\Windows\\updatehelper.exe\" -s")],
    ),
    (
        "renamed pipe",
        ("Security", 5145, TARGET),
        &[("ShareName", r"\\*\IPC$"), ("RelativeTargetName", "RemCom_communicaton")],
        &[("RelativeTargetName", "chrome.4711.12.3456789")],
    ),
    (
        "renamed pipe",
        ("Sysmon", 17, TARGET),
        &[("PipeName", r"\PSEXESVC-WS-0007-4711-stdin")],
        &[("PipeName", r"\UpdateHelperSvc-WS-0007-4711-stdin")],
    ),
    (
        "renamed files",
        ("Security", 5145, TARGET),
        &[
            ("ShareName", r"\\*\C$"),
            ("RelativeTargetName", r"Temp\beacon.dll"),
            ("AccessMask", "0x2"),
        ],
        &[("RelativeTargetName", r"Temp\quarterly-report.dll")],
    ),
    (
        "C$ in the place of ADMIN$",
        ("Security", 5145, TARGET),
        &[("ShareName", r"\\*\ADMIN$"), ("RelativeTargetName", r"Temp\a.tmp")],
        &[
            ("ShareName", r"\\*\C$"),
            ("RelativeTargetName", r"Windows\Temp\a.tmp"),
            ("ShareLocalPath", r"\??\C:\"),
        ],
    ),
    (
        "D$ in the place of C$",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", r"net use \\srv-0007\c$ /u:a b")],
        &[("CommandLine", r"net use \\srv-0007\D$ /u:a b")],
    ),
    (
        "a share of the site's own",
        ("Security", 5140, TARGET),
        &[("ShareName", r"\\*\ADMIN$")],
        &[("ShareName", r"\\*\Deploy$"), ("ShareLocalPath", r"\??\C:\Windows")],
    ),
    (
        "IPv6",
        ("Security", 4624, TARGET),
        &[("IpAddress", "10.66.0.8"), ("LogonType", "3")],
        &[("IpAddress", "fd00:66::42:8"), ("LogonType", "3")],
    ),
    (
        "IPv4 in the form of IPv6",
        ("Sysmon", 3, SOURCE),
        &[("DestinationIp", "203.0.113.9")],
        &[("DestinationIp", "::ffff:203.0.113.9")],
    ),
    (
        "link-local IPv6",
        ("Security", 4624, TARGET),
        &[("IpAddress", "10.66.0.8")],
        &[("IpAddress", "fe80::66:42:8")],
    ),
    (
        "hosts by full name",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", r"dir \\srv-0007\c$")],
        &[("CommandLine", r"dir \\srv-0007.corp.example\c$")],
    ),
    (
        "hosts by NetBIOS name",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", r"dir \\srv-0007.corp.example\c$")],
        &[("CommandLine", r"dir \\SRV-0007\c$")],
    ),
    (
        "hosts by address",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", r"dir \\srv-0007\c$")],
        &[("CommandLine", r"dir \\10.77.200.9\c$")],
    ),
    (
        "French Windows",
        ("Sysmon", 1, TARGET),
        &[("User", r"NT AUTHORITY\SYSTEM")],
        &[("User", r"AUTORITE NT\Système")],
    ),
    (
        "Russian Windows",
        ("Security", 4624, TARGET),
        &[("TargetUserName", "Administrator")],
        &[("TargetUserName", "Администратор")],
    ),
    (
        "local account",
        ("Security", 4624, TARGET),
        &[("TargetDomainName", "CORP")],
        &[("TargetDomainName", "SRV-0007")],
    ),
    (
        "an account without a telling name",
        ("Sysmon", 1, SOURCE),
        &[("User", r"CORP\adm-okafor")],
        &[("User", r"CORP\m.okafor")],
    ),
    (
        "Windows 7",
        ("Security", 4688, TARGET),
        &[("NewProcessName", "a"), ("CommandLine", "a b"), ("ParentProcessName", "c")],
        &[("NewProcessName", "a"), ("CommandLine", ""), ("ParentProcessName", "")],
    ),
    (
        "Server 2012 R2",
        ("Security", 4688, TARGET),
        &[("CommandLine", "a b"), ("ParentProcessName", "c")],
        &[("CommandLine", "a b"), ("ParentProcessName", "")],
    ),
    ("Server 2025", ("Security", 5145, TARGET), &[], &[("ClientDialect", "0x311")]),
    (
        "old Sysmon",
        ("Sysmon", 1, SOURCE),
        &[("OriginalFileName", "net.exe"), ("User", "amy")],
        &[("OriginalFileName", ""), ("User", "amy")],
    ),
    (
        "new Sysmon",
        ("Sysmon", 3, SOURCE),
        &[("Image", "System")],
        &[("Image", "<unknown process>"), ("RuleName", "technique_id=T1021.002")],
    ),
    (
        "Windows on another drive",
        ("Sysmon", 1, SOURCE),
        &[("Image", r"C:\Windows\a.exe"), ("CommandLine", r"copy x \\s\C$\Windows")],
        &[("Image", r"E:\Windows\a.exe"), ("CommandLine", r"copy x \\s\E$\Windows")],
    ),
    (
        "no parent",
        ("Sysmon", 1, SOURCE),
        &[("Image", "a"), ("ParentImage", "b")],
        &[("Image", "a"), ("ParentImage", "")],
    ),
    ("no logon id", ("Sysmon", 1, SOURCE), &[("LogonId", "0x3e7")], &[("LogonId", "")]),
    ("no source ports", ("Security", 5140, TARGET), &[("IpPort", "50000")], &[("IpPort", "")]),
    (
        "no SIDs",
        ("Security", 5140, TARGET),
        &[("SubjectUserSid", "S-1-5-18")],
        &[("SubjectUserSid", "")],
    ),
    ("no hashes", ("Sysmon", 1, SOURCE), &[("Hashes", "MD5=0")], &[("Hashes", "")]),
    (
        "commands in capitals",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", "net use"), ("ParentCommandLine", "cmd")],
        &[("CommandLine", "NET USE"), ("ParentCommandLine", "cmd")],
    ),
    (
        "more blanks",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", "net use")],
        &[("CommandLine", "net   use")],
    ),
    (
        "quoted arguments",
        ("Sysmon", 1, SOURCE),
        &[("CommandLine", r"net use \\s\c$ x")],
        &[("CommandLine", "net use \"\\\\s\\c$\" x")],
    ),
    (
        "programs by full path",
        ("Security", 4688, SOURCE),
        &[("NewProcessName", r"C:\Windows\System32\net.exe"), ("CommandLine", "net use")],
        &[("CommandLine", "\"C:\\Windows\\System32\\net.exe\" use")],
    ),
];

/// Kinds that concern whole records, each of which has a test of its own below.
const OF_RECORDS: [&str; 11] = [
    "computers without domain",
    "computers in capitals",
    "another time zone",
    "without the Security logs",
    "without Sysmon",
    "without the System logs",
    "without the source",
    "without the target",
    "records in reverse",
    "records twice",
    "ten times slower",
];

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap()
}

fn event(log: &str, id: u64, host: &str, fields: &[(&str, &str)]) -> Record {
    let channel = match log {
        "Sysmon" => "Microsoft-Windows-Sysmon/Operational",
        other => other,
    };
    let data: Map<String, Value> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    Record(json!({"Event": {
        "System": {
            "Channel": channel, "EventID": id, "Computer": host,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-12T09:01:00Z"}},
        },
        "EventData": data,
    }}))
}

fn at(seconds: u32) -> Record {
    let mut record = event("Sysmon", 1, SOURCE, &[("UtcTime", "2026-03-12 09:01:00.000")]);
    *record.0.pointer_mut("/Event/System/TimeCreated/#attributes/SystemTime").unwrap() =
        json!(format!("2026-03-12T09:01:{seconds:02}Z"));
    record
}

fn times(records: &[Record]) -> Vec<&str> {
    records
        .iter()
        .map(|record| {
            let time = record.0.pointer("/Event/System/TimeCreated/#attributes/SystemTime");
            time.and_then(Value::as_str).unwrap()
        })
        .collect()
}

#[test]
fn kinds_have_names_of_their_own_and_an_example_each() {
    let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    let examples = EXAMPLES.iter().map(|example| example.0).chain(OF_RECORDS);
    assert_eq!(examples.collect::<BTreeSet<&str>>(), names);
}

#[test]
fn kinds_change_what_they_say() {
    for (name, (log, id, host), before, after) in EXAMPLES {
        let changed = kind(name).applied_to(&[event(log, *id, host, before)]);
        let changed = changed.unwrap_or_else(|| panic!("{name} changes nothing"));
        for (field, text) in *after {
            assert_eq!(changed[0].text(field), *text, "{name}: {field}");
        }
    }
}

#[test]
fn kinds_say_what_they_do_not_concern() {
    // A host's start, which no intruder and no site tells otherwise.
    let start = event("System", 6005, "dc-01", &[("param1", "x")]);
    let of_any = ["computers in capitals", "another time zone", "records twice"];
    for kind in KINDS.iter().filter(|kind| !of_any.contains(&kind.name)) {
        assert_eq!(kind.applied_to(std::slice::from_ref(&start)), None, "{}", kind.name);
    }
}

#[test]
fn what_belongs_to_windows_keeps_its_name() {
    let cases = [
        ("renamed client", event("Sysmon", 1, TARGET, &[("Image", "cmd.exe")])),
        (
            "renamed client",
            event(
                "Sysmon",
                1,
                SOURCE,
                &[("Image", "cmd.exe"), ("ParentImage", r"C:\services.exe")],
            ),
        ),
        ("renamed service", event("Security", 4769, TARGET, &[("ServiceName", "krbtgt")])),
        ("renamed pipe", event("Sysmon", 18, TARGET, &[("PipeName", r"\svcctl")])),
        (
            "renamed program of a service",
            event("System", 7045, TARGET, &[("ServiceName", "a"), ("ImagePath", "cmd.exe /c x")]),
        ),
        (
            "renamed files",
            event(
                "Security",
                5145,
                TARGET,
                &[
                    ("ShareName", r"\\*\C$"),
                    ("RelativeTargetName", "cmd.exe"),
                    ("AccessMask", "0x1"),
                ],
            ),
        ),
    ];
    for (name, record) in cases {
        assert_eq!(
            kind(name).applied_to(std::slice::from_ref(&record)),
            None,
            "{name}: {record:?}"
        );
    }
}

#[test]
fn a_client_is_renamed_where_it_acts_and_where_it_is_a_parent() {
    let records = [
        event("Sysmon", 1, SOURCE, &[("Image", r"C:\t\tool.exe"), ("CommandLine", "tool a")]),
        event("Sysmon", 3, SOURCE, &[("Image", r"C:\t\tool.exe")]),
        event("Sysmon", 1, SOURCE, &[("Image", r"C:\cmd.exe"), ("ParentImage", r"C:\t\tool.exe")]),
        event("Sysmon", 11, TARGET, &[("Image", r"C:\t\tool.exe")]),
    ];
    let changed = kind("renamed client").applied_to(&records).unwrap();
    let texts = |field: &str| changed.iter().map(|it| it.text(field)).collect::<Vec<_>>();
    assert_eq!(texts("Image")[..2], [r"C:\t\updatehelper.exe", r"C:\t\updatehelper.exe"]);
    assert_eq!(texts("ParentImage")[2], r"C:\t\updatehelper.exe");
    assert_eq!(texts("Image")[3], r"C:\t\tool.exe");
}

#[test]
fn computers_are_named_in_three_forms() {
    let record = [event("Security", 4624, TARGET, &[])];
    let host = |name: &str| kind(name).applied_to(&record).unwrap()[0].host();
    assert_eq!(host("computers without domain"), "srv-0007");
    assert_eq!(host("computers in capitals"), "SRV-0007.CORP.EXAMPLE");
}

#[test]
fn a_time_zone_moves_the_clock_and_not_the_time() {
    let changed = kind("another time zone").applied_to(&[at(5)]).unwrap();
    assert_eq!(times(&changed), ["2026-03-12T11:01:05+02:00"]);
    assert_eq!(changed[0].text("UtcTime"), "");
}

#[test]
fn slow_attacks_take_ten_times_as_long() {
    let changed = kind("ten times slower").applied_to(&[at(5), at(8), at(1)]).unwrap();
    let expected = ["2026-03-12T09:01:41Z", "2026-03-12T09:02:11Z", "2026-03-12T09:01:01Z"];
    assert_eq!(times(&changed), expected);
    assert_eq!(kind("ten times slower").applied_to(&[event("System", 7045, TARGET, &[])]), None);
}

#[test]
fn records_are_reversed_and_doubled() {
    let reversed = kind("records in reverse").applied_to(&[at(1), at(2)]).unwrap();
    assert_eq!(reversed, [at(2), at(1)]);
    let doubled = kind("records twice").applied_to(&[at(1), at(2)]).unwrap();
    assert_eq!(doubled, [at(1), at(1), at(2), at(2)]);
}

#[test]
fn a_log_is_missing_only_where_another_is_left() {
    let security = event("Security", 4624, TARGET, &[]);
    let sysmon = event("Sysmon", 1, SOURCE, &[]);
    let system = event("System", 7045, TARGET, &[]);
    let all = [security.clone(), sysmon.clone(), system.clone()];
    let left = |name: &str| kind(name).applied_to(&all).unwrap();
    assert_eq!(left("without the Security logs"), [sysmon.clone(), system.clone()]);
    assert_eq!(left("without Sysmon"), [security.clone(), system.clone()]);
    assert_eq!(left("without the System logs"), [security.clone(), sysmon.clone()]);
    assert_eq!(left("without the source"), [security.clone(), system.clone()]);
    assert_eq!(left("without the target"), [sysmon]);
    assert_eq!(kind("without the Security logs").applied_to(std::slice::from_ref(&security)), None);
    assert_eq!(kind("without the target").applied_to(&[security, system]), None);
}
