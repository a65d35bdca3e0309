//! What is easily got wrong when events become rows, one test each.

use serde_json::json;

use crate::answer::{
    Row, answer, answer_of_events, answer_with_balance, assert_has, event, security, sysmon,
};

fn connection(initiated: &str, source: (&str, &str, &str), destination: (&str, &str, &str)) -> Row {
    let event = sysmon(
        3,
        &json!({
            "UtcTime": "2024-03-01 12:00:00.500", "ProcessGuid": "{B34BC01C-2255-5F69-0100-000000000900}",
            "ProcessId": 4, "Image": "System", "User": "NT AUTHORITY\\SYSTEM", "Protocol": "tcp",
            "Initiated": initiated,
            "SourceIp": source.0, "SourcePort": source.1, "SourceHostname": source.2,
            "DestinationIp": destination.0, "DestinationPort": destination.1,
            "DestinationHostname": destination.2,
        }),
    );
    answer_of_events("DeviceNetworkEvents", &[event]).remove(0)
}

#[test]
fn orientation_of_sysmon_3_outbound() {
    let row =
        connection("true", ("10.0.0.1", "50000", "host.example.org"), ("10.0.0.2", "445", "-"));
    assert_has(
        &row,
        &[
            ("ActionType", "ConnectionSuccess"),
            ("LocalIP", "10.0.0.1"),
            ("LocalPort", "50000"),
            ("RemoteIP", "10.0.0.2"),
            ("RemotePort", "445"),
            ("Protocol", "Tcp"),
            ("RemoteUrl", ""),
            ("Timestamp", "2024-03-01T12:00:00.5000000Z"),
        ],
    );
}

#[test]
fn orientation_of_sysmon_3_inbound_with_the_host_as_destination() {
    let row = connection("false", ("10.0.0.2", "50000", "other"), ("10.0.0.1", "445", "HOST"));
    assert_has(
        &row,
        &[
            ("ActionType", "InboundConnectionAccepted"),
            ("LocalIP", "10.0.0.1"),
            ("LocalPort", "445"),
            ("RemoteIP", "10.0.0.2"),
            ("RemotePort", "50000"),
            ("RemoteUrl", "other"),
        ],
    );
}

/// Some versions of Sysmon write the host itself as the source of what comes in.
#[test]
fn orientation_of_sysmon_3_inbound_with_the_host_as_source() {
    let row =
        connection("false", ("10.0.0.1", "445", "HOST.example.org"), ("10.0.0.2", "50000", "-"));
    assert_has(
        &row,
        &[
            ("ActionType", "InboundConnectionAccepted"),
            ("LocalIP", "10.0.0.1"),
            ("LocalPort", "445"),
            ("RemoteIP", "10.0.0.2"),
            ("RemotePort", "50000"),
        ],
    );
}

#[test]
fn percent_codes_stay_in_security_event_and_are_read_in_defender_tables() {
    let logon = security(
        4624,
        &json!({"TargetUserName": "u", "LogonType": 3, "ElevatedToken": "%%1842", "ImpersonationLevel": "%%1833",
                "IpAddress": "::ffff:10.0.0.9", "IpPort": "1234", "TargetLogonId": "0x3e7"}),
    );
    let row = answer_of_events("DeviceLogonEvents", std::slice::from_ref(&logon)).remove(0);
    assert_has(
        &row,
        &[
            ("IsLocalAdmin", "True"),
            ("LogonType", "Network"),
            ("LogonId", "999"),
            ("RemoteIP", "10.0.0.9"),
        ],
    );
    let row = answer_of_events("SecurityEvent", &[logon]).remove(0);
    assert_has(
        &row,
        &[
            ("ElevatedToken", "%%1842"),
            ("LogonTypeName", "3 - Network"),
            ("TargetLogonId", "0x3e7"),
        ],
    );
}

/// The mask is a text of hexadecimal digits, of which rules test bits: comparing it is not enough.
#[test]
fn access_mask_bits() {
    let access = |mask: &str| {
        security(
            5145,
            &json!({"ShareName": r"\\*\ADMIN$", "RelativeTargetName": "x.exe", "AccessMask": mask}),
        )
    };
    let events = ["0x2", "0x17019f", "0x120196", "0x80", "0x120089"].map(access);
    let rows = answer_of_events(
        "SecurityEvent | where binary_and(tolong(AccessMask), 0x2) != 0 | project AccessMask",
        &events,
    );
    let masks: Vec<&str> = rows.iter().map(|row| &*row["AccessMask"]).collect();
    assert_eq!(masks, ["0x2", "0x17019f", "0x120196"]);
}

/// Whether an audited access was refused shows in the keywords only.
#[test]
fn failure_by_keywords() {
    let reference = testkit::reference!("logs");
    let query = "SecurityEvent | where EventID == 5140
        | extend IsFailure = binary_and(tolong(Keywords), tolong('0x10000000000000')) != 0
        | summarize Failures = countif(IsFailure), All = count()";
    let rows = answer(&reference, query, "ID5140-Failed ADMIN$ share access.evtx");
    assert_ne!(rows[0]["Failures"], "0", "{rows:?}");
    let rows = answer(&reference, query, "ID5140-ADMIN$ share connection with Golden ticket.evtx");
    assert_eq!(rows[0]["Failures"], "0", "{rows:?}");
}

/// 4697 has the type of a service as a number, 7045 as text in the language of Windows.
#[test]
fn text_and_hex_types() {
    let installed = |kind: &str, start: &str| {
        event(
            "Service Control Manager",
            "System",
            7045,
            &json!({
                "ServiceName": "s", "ImagePath": r"%SystemRoot%\x.exe -k", "ServiceType": kind,
                "StartType": start, "AccountName": "LocalSystem",
            }),
        )
    };
    let audited = security(
        4697,
        &json!({
            "ServiceName": "s", "ServiceFileName": r#""C:\Program Files\x.exe" -k"#, "ServiceType": "0x10",
            "ServiceStartType": 3, "ServiceAccount": "LocalSystem", "SubjectLogonId": "0x1f153",
        }),
    );
    let rows = answer_of_events(
        "DeviceEvents | project FolderPath, FileName, ProcessCommandLine, LogonId,
             Kind = tostring(AdditionalFields.ServiceType), Start = tostring(AdditionalFields.ServiceStartType)",
        &[installed("user mode service", "demand start"), audited],
    );
    assert_has(
        &rows[0],
        &[
            ("FolderPath", r"C:\Program Files\x.exe"),
            ("ProcessCommandLine", r#""C:\Program Files\x.exe" -k"#),
            ("LogonId", "127315"),
            ("Kind", "0x10"),
            ("Start", "3"),
        ],
    );
    assert_has(
        &rows[1],
        &[
            ("FolderPath", r"C:\Windows\x.exe"),
            ("FileName", "x.exe"),
            ("Kind", "0x10"),
            ("Start", "3"),
        ],
    );
}

#[test]
fn localised_names_stay_as_they_are() {
    let events = [
        event(
            "Service Control Manager",
            "System",
            7045,
            &json!({
                "ServiceName": "s", "ImagePath": r"C:\x.exe", "ServiceType": "Benutzermodusdienst",
                "StartType": "Manuell starten", "AccountName": "LocalSystem",
            }),
        ),
        sysmon(
            1,
            &json!({"Image": r"C:\x.exe", "User": "AUTORITE NT\\Système", "CommandLine": "x"}),
        ),
    ];
    let rows = answer_of_events(
        "DeviceEvents | project Kind = tostring(AdditionalFields.ServiceType), Start = tostring(AdditionalFields.ServiceStartType)",
        &events,
    );
    assert_has(&rows[0], &[("Kind", "Benutzermodusdienst"), ("Start", "Manuell starten")]);
    let rows = answer_of_events("DeviceProcessEvents", &events);
    assert_has(&rows[0], &[("AccountDomain", "AUTORITE NT"), ("AccountName", "Système")]);
}

/// What cmd.exe starts has two spaces behind the program's name, and so it stays.
#[test]
fn double_spaces_in_command_lines() {
    let reference = testkit::reference!("logs");
    let rows = answer(
        &reference,
        "DeviceProcessEvents | where ProcessCommandLine contains 'net  use' | project ProcessCommandLine, FileName",
        "ID4688-Network share discovery or connection via commandline.evtx",
    );
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["FileName"].eq_ignore_ascii_case("net.exe")), "{rows:?}");
}

#[test]
fn an_unknown_process_of_id_4_is_the_system() {
    let of = |id: u32| {
        sysmon(
            3,
            &json!({"Image": "<unknown process>", "ProcessId": id, "Protocol": "tcp", "Initiated": "true",
            "SourceIp": "10.0.0.1", "SourcePort": 50000, "DestinationIp": "10.0.0.2", "DestinationPort": 445}),
        )
    };
    let rows = answer_of_events(
        "DeviceNetworkEvents | project InitiatingProcessFileName, InitiatingProcessFolderPath",
        &[of(4), of(99)],
    );
    assert_has(
        &rows[0],
        &[
            ("InitiatingProcessFileName", "System"),
            ("InitiatingProcessFolderPath", "<unknown process>"),
        ],
    );
    assert_has(&rows[1], &[("InitiatingProcessFileName", "<unknown process>")]);
}

/// The collector writes its own local time; what Logstash adds shows how far that is from UTC.
#[test]
fn time_zones_of_exports_without_one() {
    let log = testkit::reference!("telemetry")
        .path("telemetry/formats/01_otrf_nxlog_logstash_5145.jsonl");
    let (rows, problems) = answer_with_balance("SecurityEvent | project TimeGenerated", &[log]);
    assert_eq!(problems, [""; 0]);
    assert_eq!(rows[0]["TimeGenerated"], "2020-09-22T18:53:30.0000000Z");
}

#[test]
fn the_sids_of_the_sysmon_service_are_nobodys() {
    let row = answer_of_events(
        "DeviceProcessEvents",
        &[sysmon(
            1,
            &json!({"Image": r"C:\x.exe", "User": "D\\u", "LogonId": "0x3e7",
            "Hashes": "SHA1=ABCD,MD5=EF,SHA256=0123,IMPHASH=99", "OriginalFileName": "-"}),
        )],
    )
    .remove(0);
    assert_has(
        &row,
        &[
            ("AccountSid", ""),
            ("AccountName", "u"),
            ("LogonId", "999"),
            ("SHA1", "abcd"),
            ("SHA256", "0123"),
            ("MD5", "ef"),
            ("ProcessVersionInfoOriginalFileName", ""),
            ("DeviceName", "host.example.org"),
            ("DeviceId", "63a5b2a73fe047f44a08bab105738fe258c26395"),
        ],
    );
}
