//! Every mapping from an event to a table, on a real event where the shared logs have one.
//!
//! Each test names what is mapped; `made` says that no shared log has such an event, so that the
//! event is made after its documentation.

use serde_json::json;

use crate::answer::{Row, answer, answer_of_events, assert_has, event, security};

/// Returns the first row of the table among those of a log that the filter lets pass.
#[track_caller]
fn first(table: &str, filter: &str, log: &str) -> Row {
    let rows = answer(&format!("{table} | where {filter} | take 1"), log);
    rows.into_iter().next().unwrap_or_else(|| panic!("no row of {table} where {filter} in {log}"))
}

/// Fails unless the row's columns all have a value.
#[track_caller]
fn assert_filled(row: &Row, columns: &[&str]) {
    for column in columns {
        assert!(row.get(*column).is_some_and(|value| !value.is_empty()), "{column} of {row:#?}");
    }
}

const PSEXEC: &str = "ID11,13,17,18-PSexec as system execution.evtx";
const BITSADMIN: &str = "cmd_bitsadmin_download_psh_script.zip";
const SHARPSC: &str = "covenant_sharpsc_create_dcerpc_smb_svcctl.zip";
const COPY_SMB: &str = "covenant_copy_smb_CreateRequest.zip";
const SCHTASK: &str = "schtask_create.zip";

/// What every row of a Defender table has.
const COMMON: &[&str] =
    &["Timestamp", "TimeGenerated", "DeviceId", "DeviceName", "ActionType", "Type"];

#[test]
fn sysmon_1_is_a_process_created() {
    let row = first(
        "DeviceProcessEvents",
        "ActionType == 'ProcessCreated'",
        "ID1-CrackMapExec payload execution.evtx",
    );
    assert_filled(&row, COMMON);
    assert_filled(
        &row,
        &[
            "FileName",
            "FolderPath",
            "SHA256",
            "ProcessId",
            "ProcessUniqueId",
            "ProcessCommandLine",
            "ProcessIntegrityLevel",
            "ProcessCreationTime",
            "AccountDomain",
            "AccountName",
            "LogonId",
            "InitiatingProcessFileName",
            "InitiatingProcessId",
            "InitiatingProcessCommandLine",
        ],
    );
}

#[test]
fn sysmon_3_is_a_network_event() {
    let row = first("DeviceNetworkEvents", "RemotePort == 445", COPY_SMB);
    assert_filled(&row, COMMON);
    assert_has(&row, &[("Protocol", "Tcp"), ("RemoteIPType", "Private")]);
    assert_filled(
        &row,
        &["LocalIP", "LocalPort", "RemoteIP", "InitiatingProcessFileName", "InitiatingProcessId"],
    );
}

/// Defender has no event for the end of a process; Sentinel has the record in `Event`.
#[test]
fn sysmon_5_is_in_event_and_windows_event() {
    let row = first("Event", "Source == 'Microsoft-Windows-Sysmon' and EventID == 5", BITSADMIN);
    assert!(row["EventData"].contains("<Data Name=\"Image\">C:\\"), "{row:#?}");
    let row =
        first("WindowsEvent", "EventID == 5 and Provider == 'Microsoft-Windows-Sysmon'", BITSADMIN);
    assert!(row["EventData"].contains("ProcessGuid"), "{row:#?}");
    assert!(
        answer("DeviceProcessEvents | where ActionType != 'ProcessCreated'", BITSADMIN).is_empty()
    );
}

#[test]
fn sysmon_7_is_an_image_load() {
    let row = first("DeviceImageLoadEvents", "true", BITSADMIN);
    assert_filled(&row, COMMON);
    assert_filled(&row, &["FileName", "FolderPath", "SHA256", "InitiatingProcessFileName"]);
}

#[test]
fn sysmon_11_is_a_file_created() {
    let row = first("DeviceFileEvents", "FileName =~ 'PSEXESVC.exe'", PSEXEC);
    assert_filled(&row, COMMON);
    assert_has(
        &row,
        &[
            ("ActionType", "FileCreated"),
            ("FolderPath", r"C:\Windows\PSEXESVC.exe"),
            ("InitiatingProcessFileName", "PsExec64.exe"),
            ("RequestProtocol", ""),
        ],
    );
    // The SMB server writes as the kernel, and NXLog leaves its process id out.
    let row = first("DeviceFileEvents", "InitiatingProcessFileName == 'System'", COPY_SMB);
    assert_has(&row, &[("RequestProtocol", "SMB"), ("InitiatingProcessId", "4")]);
}

#[test]
fn sysmon_12_and_13_are_registry_events() {
    let row = first(
        "DeviceRegistryEvents",
        "ActionType == 'RegistryValueSet' and RegistryValueName == 'ImagePath'",
        PSEXEC,
    );
    assert_filled(&row, COMMON);
    assert_has(
        &row,
        &[
            ("RegistryKey", r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\PSEXESVC"),
            ("RegistryValueType", "String"),
        ],
    );
    let row = first("DeviceRegistryEvents", "ActionType == 'RegistryKeyCreated'", BITSADMIN);
    assert_filled(&row, COMMON);
    assert!(row["RegistryKey"].starts_with("HKEY_"), "{row:#?}");
}

#[test]
fn sysmon_14_is_a_registry_event_made() {
    let event = crate::answer::sysmon(
        14,
        &json!({
            "EventType": "RenameKey", "UtcTime": "2024-03-01 12:00:00.000", "Image": r"C:\x.exe", "ProcessId": 7,
            "TargetObject": r"HKLM\SOFTWARE\A", "NewName": r"HKLM\SOFTWARE\B",
        }),
    );
    let rows = answer_of_events("DeviceRegistryEvents", &[event]);
    assert_filled(&rows[0], COMMON);
    assert!(rows[0]["RegistryKey"].starts_with(r"HKEY_LOCAL_MACHINE\SOFTWARE\"), "{:#?}", rows[0]);
}

#[test]
fn sysmon_15_is_a_file_event_made() {
    let event = crate::answer::sysmon(
        15,
        &json!({
            "UtcTime": "2024-03-01 12:00:00.000", "ProcessId": 7, "Image": r"C:\b.exe",
            "TargetFilename": r"C:\Users\u\Downloads\x.exe:Zone.Identifier", "Hash": "MD5=00",
            "Contents": "[ZoneTransfer]  ZoneId=3",
        }),
    );
    let rows = answer_of_events("DeviceFileEvents", &[event]);
    assert_filled(&rows[0], COMMON);
    assert!(rows[0]["FolderPath"].starts_with(r"C:\Users\u\Downloads\x.exe"), "{:#?}", rows[0]);
}

#[test]
fn sysmon_17_and_18_are_named_pipe_events() {
    let pipes = |operation: &str| {
        first(
            "DeviceEvents",
            &format!(
                "ActionType == 'NamedPipeEvent' and tostring(AdditionalFields.FileOperation) == '{operation}'"
            ),
            PSEXEC,
        )
    };
    for operation in ["File created", "File opened"] {
        let row = pipes(operation);
        assert_filled(&row, COMMON);
        assert!(row["AdditionalFields"].contains(r"\\Device\\NamedPipe\\"), "{row:#?}");
    }
}

#[test]
fn sysmon_22_is_a_dns_answer() {
    let row = first("DeviceEvents", "ActionType == 'DnsQueryResponse'", BITSADMIN);
    assert_filled(&row, COMMON);
    assert!(row["AdditionalFields"].contains("DnsQueryString"), "{row:#?}");
}

#[test]
fn sysmon_23_is_a_file_deleted() {
    let row = first("DeviceFileEvents", "ActionType == 'FileDeleted'", BITSADMIN);
    assert_filled(&row, COMMON);
    assert_filled(&row, &["FileName", "FolderPath", "InitiatingProcessFileName"]);
}

#[test]
fn sysmon_26_is_a_file_deleted_made() {
    let event = crate::answer::sysmon(
        26,
        &json!({
            "UtcTime": "2024-03-01 12:00:00.000", "ProcessId": 7, "User": "D\\u", "Image": r"C:\b.exe",
            "TargetFilename": r"C:\Temp\x.exe", "Hashes": "SHA256=AB", "IsExecutable": "true",
        }),
    );
    let rows = answer_of_events("DeviceFileEvents", &[event]);
    assert_filled(&rows[0], COMMON);
    assert_has(&rows[0], &[("ActionType", "FileDeleted"), ("FileName", "x.exe"), ("SHA256", "ab")]);
}

#[test]
fn security_4624_is_a_logon() {
    let row =
        first("DeviceLogonEvents", "LogonType == 'Network' and isnotempty(RemoteIP)", COPY_SMB);
    assert_filled(&row, COMMON);
    assert_filled(&row, &["AccountSid", "LogonId", "Protocol", "RemoteIP", "AdditionalFields"]);
    let row = first("SecurityEvent", "EventID == 4624", COPY_SMB);
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
    let row = first("SecurityEvent", "EventID == 4634", COPY_SMB);
    assert_filled(&row, &["TargetUserName", "TargetLogonId", "LogonType", "TargetUserSid"]);
}

#[test]
fn security_4648_is_in_security_event() {
    let row =
        first("SecurityEvent", "EventID == 4648", "ID4688-4648 Lateral movement with net use.evtx");
    assert_filled(
        &row,
        &["TargetServerName", "TargetInfo", "TargetUserName", "SubjectUserName", "ProcessId"],
    );
}

#[test]
fn security_4672_is_in_security_event() {
    let row = first("SecurityEvent", "EventID == 4672", BITSADMIN);
    assert_filled(&row, &["SubjectUserName", "SubjectLogonId", "PrivilegeList"]);
}

#[test]
fn security_4688_is_a_process_created() {
    let row = first(
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
    let row =
        first("SecurityEvent", "EventID == 4688", "ID4688-4648 Lateral movement with net use.evtx");
    assert_filled(&row, &["NewProcessName", "NewProcessId", "CommandLine", "Process"]);
}

#[test]
fn security_4697_is_a_service_installed() {
    let row = first(
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
    let row = first(
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
    let row = first(
        "DeviceEvents",
        "ActionType == 'ScheduledTaskUpdated'",
        "covenant_sharpwmi_create_dcerpc_wmi.zip",
    );
    assert_filled(&row, COMMON);
    assert!(row["AdditionalFields"].contains("<Task version"), "{row:#?}");
}

#[test]
fn security_5140_5142_and_5145_are_in_security_event() {
    let row = first(
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
    let row = first("SecurityEvent", "EventID == 5142", "ID5142- New file share created.evtx");
    assert_filled(&row, &["ShareName", "ShareLocalPath", "SubjectUserName"]);
    let row = first(
        "SecurityEvent",
        "EventID == 5145 and RelativeTargetName == 'PSEXESVC.exe'",
        "ID4688,4697,5140-5145 PSexec remote execution + admin share.evtx",
    );
    assert_has(&row, &[("ShareName", r"\\*\ADMIN$"), ("ShareLocalPath", r"\??\C:\Windows")]);
    assert!(row["AccessList"].contains("%%4417"), "{row:#?}");
}

#[test]
fn security_5156_is_a_network_event() {
    let row = first(
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
fn system_7045_is_a_service_installed() {
    let row = first(
        "DeviceEvents",
        "ActionType == 'ServiceInstalled'",
        "ID7045-7036 PSexec service installation.evtx",
    );
    assert_filled(&row, COMMON);
    assert_has(&row, &[("FileName", "PSEXESVC.exe"), ("FolderPath", r"C:\Windows\PSEXESVC.exe")]);
    assert!(row["AdditionalFields"].contains(r#""ServiceStartType":"3""#), "{row:#?}");
}

#[test]
fn system_7036_is_in_event() {
    let row = first(
        "Event",
        "EventLog == 'System' and EventID == 7036",
        "ID7045-7036 PSexec service installation.evtx",
    );
    assert_has(&row, &[("Source", "Service Control Manager")]);
    assert!(row["ParameterXml"].starts_with("<Param>"), "{row:#?}");
    assert!(row["EventData"].contains("<Data Name=\"param1\">"), "{row:#?}");
}

#[test]
fn powershell_4103_and_4104_are_commands() {
    let row = first(
        "DeviceEvents",
        "ActionType == 'PowerShellCommand' and tostring(AdditionalFields.Command) == 'Start-Sleep'",
        "empire_find_localadmin_smb_svcctl_OpenSCManager.zip",
    );
    assert_filled(&row, COMMON);
    assert_filled(&row, &["InitiatingProcessId", "InitiatingProcessAccountSid"]);
    let row = first(
        "DeviceEvents",
        "ActionType == 'PowerShellCommand' and isnotempty(AdditionalFields.ScriptBlockId)",
        "empire_launcher_vbs.zip",
    );
    assert!(row["AdditionalFields"].contains("ScriptB"), "{row:#?}");
    let row = first(
        "Event",
        "EventLog == 'Microsoft-Windows-PowerShell/Operational' and EventID == 4104",
        "empire_launcher_vbs.zip",
    );
    assert!(row["EventData"].contains("<Data Name=\"ScriptBlockText\">"), "{row:#?}");
}

#[test]
fn task_scheduler_106_and_140_are_tasks_created_and_updated() {
    let row = first(
        "DeviceEvents",
        "ActionType == 'ScheduledTaskCreated' and isempty(AdditionalFields.TaskContent)",
        SCHTASK,
    );
    assert_filled(&row, COMMON);
    assert_has(&row, &[("AccountSid", "S-1-5-18"), ("AccountName", "")]);
    let row = first("DeviceEvents", "ActionType == 'ScheduledTaskUpdated'", SCHTASK);
    assert_has(&row, &[("AccountSid", "S-1-5-18")]);
}

#[test]
fn task_scheduler_129_is_in_event() {
    let row = first(
        "Event",
        "EventLog == 'Microsoft-Windows-TaskScheduler/Operational' and EventID == 129",
        SHARPSC,
    );
    assert!(row["EventData"].contains("<Data Name=\"TaskName\">\\Microsoft\\"), "{row:#?}");
    assert!(row["EventData"].contains("<Data Name=\"Path\">taskhostw.exe</Data>"), "{row:#?}");
}

#[test]
fn task_scheduler_200_and_201_are_in_event_made() {
    let started = |id: u32| {
        event(
            "Microsoft-Windows-TaskScheduler",
            "Microsoft-Windows-TaskScheduler/Operational",
            id,
            &json!({
                "TaskName": r"\t", "ActionName": r"C:\x.exe", "TaskInstanceId": "{00000000-0000-0000-0000-000000000001}",
                "ResultCode": 0,
            }),
        )
    };
    let rows = answer_of_events("Event | sort by EventID asc", &[started(200), started(201)]);
    assert_has(&rows[0], &[("EventID", "200"), ("Source", "Microsoft-Windows-TaskScheduler")]);
    assert!(
        rows[1]["EventData"].contains(r#"<Data Name="ActionName">C:\x.exe</Data>"#),
        "{rows:#?}"
    );
    assert!(answer_of_events("DeviceEvents", &[started(200), started(201)]).is_empty());
}

#[test]
fn smb_client_and_server_channels_are_in_event_made() {
    let refused = event(
        "Microsoft-Windows-SMBServer",
        "Microsoft-Windows-SMBServer/Security",
        551,
        &json!({
            "SPN": "", "UserName": "u", "ClientName": r"\\10.0.0.9", "SessionGUID": "{00000000-0000-0000-0000-000000000001}",
        }),
    );
    let lost = event(
        "Microsoft-Windows-SMBClient",
        "Microsoft-Windows-SmbClient/Connectivity",
        30803,
        &json!({
            "ServerName": r"\10.0.0.2",
        }),
    );
    let rows = answer_of_events("Event | sort by EventID asc", &[refused, lost]);
    assert_has(
        &rows[0],
        &[("EventLog", "Microsoft-Windows-SMBServer/Security"), ("EventID", "551")],
    );
    assert!(
        rows[0]["EventData"].contains(r#"<Data Name="ClientName">\\10.0.0.9</Data>"#),
        "{rows:#?}"
    );
    assert_has(&rows[1], &[("EventLog", "Microsoft-Windows-SmbClient/Connectivity")]);
}

#[test]
fn wmi_activity_5857_is_in_event() {
    let row =
        first("Event", "Source == 'Microsoft-Windows-WMI-Activity' and EventID == 5857", SHARPSC);
    assert_has(&row, &[("EventLog", "Microsoft-Windows-WMI-Activity/Operational")]);
}

#[test]
fn wmi_activity_5861_is_a_binding_made() {
    let bound = event(
        "Microsoft-Windows-WMI-Activity",
        "Microsoft-Windows-WMI-Activity/Operational",
        5861,
        &json!({
            "Namespace": r"//./root/subscription", "ESS": "F", "CONSUMER": "CommandLineEventConsumer=\"C\"",
            "PossibleCause": "Binding EventFilter",
        }),
    );
    let rows = answer_of_events("DeviceEvents", &[bound]);
    assert_filled(&rows[0], COMMON);
    assert_has(
        &rows[0],
        &[("ActionType", "WmiBindEventFilterToConsumer"), ("AccountSid", "S-1-5-18")],
    );
}
