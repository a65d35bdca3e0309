//! Sysmon's events.

use serde_json::json;

use super::{BITSADMIN, COMMON, COPY_SMB, PSEXEC, assert_filled, first};
use crate::answer::{answer, answer_of_events, assert_has};

#[test]
fn sysmon_1_is_a_process_created() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
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
    let reference = testkit::reference!("logs");
    let row = first(&reference, "DeviceNetworkEvents", "RemotePort == 445", COPY_SMB);
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
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "Event",
        "Source == 'Microsoft-Windows-Sysmon' and EventID == 5",
        BITSADMIN,
    );
    assert!(row["EventData"].contains("<Data Name=\"Image\">C:\\"), "{row:#?}");
    let row = first(
        &reference,
        "WindowsEvent",
        "EventID == 5 and Provider == 'Microsoft-Windows-Sysmon'",
        BITSADMIN,
    );
    assert!(row["EventData"].contains("ProcessGuid"), "{row:#?}");
    assert!(
        answer(&reference, "DeviceProcessEvents | where ActionType != 'ProcessCreated'", BITSADMIN)
            .is_empty()
    );
}

#[test]
fn sysmon_7_is_an_image_load() {
    let reference = testkit::reference!("logs");
    let row = first(&reference, "DeviceImageLoadEvents", "true", BITSADMIN);
    assert_filled(&row, COMMON);
    assert_filled(&row, &["FileName", "FolderPath", "SHA256", "InitiatingProcessFileName"]);
}

#[test]
fn sysmon_11_is_a_file_created() {
    let reference = testkit::reference!("logs");
    let row = first(&reference, "DeviceFileEvents", "FileName =~ 'PSEXESVC.exe'", PSEXEC);
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
    let row =
        first(&reference, "DeviceFileEvents", "InitiatingProcessFileName == 'System'", COPY_SMB);
    assert_has(&row, &[("RequestProtocol", "SMB"), ("InitiatingProcessId", "4")]);
}

#[test]
fn sysmon_12_and_13_are_registry_events() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
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
    let row =
        first(&reference, "DeviceRegistryEvents", "ActionType == 'RegistryKeyCreated'", BITSADMIN);
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
    let reference = testkit::reference!("logs");
    let pipes = |operation: &str| {
        first(
            &reference,
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
    let reference = testkit::reference!("logs");
    let row = first(&reference, "DeviceEvents", "ActionType == 'DnsQueryResponse'", BITSADMIN);
    assert_filled(&row, COMMON);
    assert!(row["AdditionalFields"].contains("DnsQueryString"), "{row:#?}");
}

#[test]
fn sysmon_23_is_a_file_deleted() {
    let reference = testkit::reference!("logs");
    let row = first(&reference, "DeviceFileEvents", "ActionType == 'FileDeleted'", BITSADMIN);
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
