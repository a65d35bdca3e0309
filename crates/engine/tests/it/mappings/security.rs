//! Events of the Security log.

use serde_json::json;

use super::{BITSADMIN, COMMON, COPY_SMB, assert_filled, first};
use crate::answer::{answer_of_events, assert_has, security};

#[test]
fn security_4624_is_a_logon() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceLogonEvents",
        "LogonType == 'Network' and isnotempty(RemoteIP)",
        COPY_SMB,
    );
    assert_filled(&row, COMMON);
    assert_filled(&row, &["AccountSid", "LogonId", "Protocol", "RemoteIP", "AdditionalFields"]);
    let row = first(&reference, "SecurityEvent", "EventID == 4624", COPY_SMB);
    assert_filled(
        &row,
        &["TargetUserName", "TargetLogonId", "LogonType", "Account", "AccountType"],
    );
}

#[test]
fn security_4625_is_a_failed_logon_made() {
    let failed = |status: &str, sub_status: &str| {
        security(
            4625,
            &json!({
                "SubjectUserSid": "S-1-0-0", "SubjectUserName": "-", "SubjectDomainName": "-", "SubjectLogonId": "0x0",
                "TargetUserSid": "S-1-0-0", "TargetUserName": "admin", "TargetDomainName": "D", "Status": status,
                "FailureReason": "%%2313", "SubStatus": sub_status, "LogonType": 3,
                "AuthenticationPackageName": "NTLM", "WorkstationName": "W", "ProcessId": "0x0",
                "ProcessName": "-", "IpAddress": "10.0.0.9", "IpPort": "50000",
            }),
        )
    };
    let rows = answer_of_events(
        "DeviceLogonEvents",
        &[failed("0xC000006D", "0xC000006A"), failed("0xc0000234", "0x0")],
    );
    assert_filled(&rows[0], COMMON);
    assert_has(
        &rows[0],
        &[
            ("ActionType", "LogonFailed"),
            ("FailureReason", "WrongPassword"),
            ("RemoteIP", "10.0.0.9"),
            ("RemoteDeviceName", "W"),
            ("InitiatingProcessAccountName", ""),
        ],
    );
    assert_has(&rows[1], &[("FailureReason", "AccountLocked")]);
}

#[test]
fn security_4634_is_a_logoff_in_security_event() {
    let reference = testkit::reference!("logs");
    let row = first(&reference, "SecurityEvent", "EventID == 4634", COPY_SMB);
    assert_filled(&row, &["TargetUserName", "TargetLogonId", "LogonType", "TargetUserSid"]);
}

#[test]
fn security_4648_is_in_security_event() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "SecurityEvent",
        "EventID == 4648",
        "ID4688-4648 Lateral movement with net use.evtx",
    );
    assert_filled(
        &row,
        &["TargetServerName", "TargetInfo", "TargetUserName", "SubjectUserName", "ProcessId"],
    );
}

#[test]
fn security_4672_is_in_security_event() {
    let reference = testkit::reference!("logs");
    let row = first(&reference, "SecurityEvent", "EventID == 4672", BITSADMIN);
    assert_filled(&row, &["SubjectUserName", "SubjectLogonId", "PrivilegeList"]);
}

#[test]
fn security_4688_is_a_process_created() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceProcessEvents",
        "isnotempty(InitiatingProcessFileName) and isnotempty(ProcessCommandLine)",
        "ID4688,4698,4699,5145,4624-ATexec remote trask creation (GLOBAL).evtx",
    );
    assert_filled(&row, COMMON);
    assert_filled(
        &row,
        &[
            "ProcessId",
            "ProcessCommandLine",
            "FolderPath",
            "AccountName",
            "AccountSid",
            "LogonId",
            "InitiatingProcessId",
            "InitiatingProcessFileName",
            "ProcessTokenElevation",
            "ProcessIntegrityLevel",
        ],
    );
    let row = first(
        &reference,
        "SecurityEvent",
        "EventID == 4688",
        "ID4688-4648 Lateral movement with net use.evtx",
    );
    assert_filled(&row, &["NewProcessName", "NewProcessId", "CommandLine", "Process"]);
}

#[test]
fn security_4697_is_a_service_installed() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'ServiceInstalled'",
        "ID4688-4697 RDP hijack via service creation.evtx",
    );
    assert_filled(&row, COMMON);
    assert_filled(
        &row,
        &[
            "FileName",
            "FolderPath",
            "ProcessCommandLine",
            "AccountName",
            "AccountSid",
            "LogonId",
            "AdditionalFields",
        ],
    );
}

#[test]
fn security_4698_is_a_task_created() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'ScheduledTaskCreated'",
        "ID4688,4698,4699,5145,4624-ATexec remote trask creation (GLOBAL).evtx",
    );
    assert_filled(&row, COMMON);
    assert_filled(&row, &["AccountName", "AccountSid", "LogonId"]);
    assert!(row["AdditionalFields"].contains("<Command>"), "{row:#?}");
}

#[test]
fn security_4702_is_a_task_updated() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'ScheduledTaskUpdated'",
        "covenant_sharpwmi_create_dcerpc_wmi.zip",
    );
    assert_filled(&row, COMMON);
    assert!(row["AdditionalFields"].contains("<Task version"), "{row:#?}");
}

#[test]
fn security_5140_5142_and_5145_are_in_security_event() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "SecurityEvent",
        "EventID == 5140",
        "ID5140-ADMIN$ share connection with Golden ticket.evtx",
    );
    assert_has(&row, &[("ShareName", r"\\*\ADMIN$"), ("ObjectType", "File")]);
    assert_filled(
        &row,
        &[
            "IpAddress",
            "IpPort",
            "SubjectUserName",
            "SubjectLogonId",
            "AccessMask",
            "ShareLocalPath",
        ],
    );
    let row = first(
        &reference,
        "SecurityEvent",
        "EventID == 5142",
        "ID5142- New file share created.evtx",
    );
    assert_filled(&row, &["ShareName", "ShareLocalPath", "SubjectUserName"]);
    let row = first(
        &reference,
        "SecurityEvent",
        "EventID == 5145 and RelativeTargetName == 'PSEXESVC.exe'",
        "ID4688,4697,5140-5145 PSexec remote execution + admin share.evtx",
    );
    assert_has(&row, &[("ShareName", r"\\*\ADMIN$"), ("ShareLocalPath", r"\??\C:\Windows")]);
    assert!(row["AccessList"].contains("%%4417"), "{row:#?}");
}

#[test]
fn security_5156_is_a_network_event() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceNetworkEvents",
        "ActionType == 'ConnectionSuccess' and InitiatingProcessFolderPath startswith @'\\device\\'",
        BITSADMIN,
    );
    assert_filled(&row, COMMON);
    assert_filled(
        &row,
        &["LocalIP", "RemoteIP", "Protocol", "InitiatingProcessId", "InitiatingProcessFileName"],
    );
}

#[test]
fn security_event_has_the_xml_of_the_fields_and_the_activity() {
    let events = [
        security(4697, &json!({"ServiceName": "a<b>", "ServiceFileName": "\"c:\\x\" & y"})),
        security(4776, &json!({"Workstation": "KIOSK", "Status": "0x0"})),
        security(1102, &serde_json::Value::Null),
        security(65000, &json!({"Z": "1", "A": "2"})),
    ];
    let query = "SecurityEvent | project EventID, Activity, EventData, \
                 Name = parse_xml(EventData).EventData.Data[1]['@Name'], \
                 Second = parse_xml(EventData).EventData.Data[1]['#text']";
    let rows = answer_of_events(query, &events);
    let head = "<EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">";
    assert_has(
        &rows[0],
        &[
            ("Activity", "4697 - A service was installed in the system."),
            ("Name", "ServiceFileName"),
            ("Second", "\"c:\\x\" & y"),
        ],
    );
    let fields = "<Data Name=\"ServiceName\">a&lt;b&gt;</Data><Data Name=\"ServiceFileName\">&quot;c:\\x&quot; &amp; y</Data></EventData>";
    assert_eq!(rows[0]["EventData"], format!("{head}{fields}"));
    assert_has(
        &rows[1],
        &[
            (
                "Activity",
                "4776 - The domain controller attempted to validate the credentials for an account.",
            ),
            ("Name", "Status"),
        ],
    );
    assert_has(&rows[2], &[("Activity", "1102 - The audit log was cleared.")]);
    let fields = "<Data Name=\"Z\">1</Data><Data Name=\"A\">2</Data></EventData>";
    assert_has(&rows[3], &[("Activity", ""), ("EventData", &format!("{head}{fields}"))]);
}

#[test]
fn security_event_as_exported_keeps_its_event_data_and_activity() {
    let row = r#"{"Type":"SecurityEvent","TimeGenerated":"2026-03-01T09:00:00Z","EventID":4697,"Computer":"srv","Activity":"as exported","EventData":"<EventData/>"}"#;
    let rows = answer_of_events("SecurityEvent", &[row.to_owned()]);
    assert_has(&rows[0], &[("Activity", "as exported"), ("EventData", "<EventData/>")]);
}
