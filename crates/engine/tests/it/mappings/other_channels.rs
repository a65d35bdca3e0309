//! Events of System, PowerShell, the task scheduler, SMB and WMI.

use serde_json::json;

use super::{COMMON, SCHTASK, SHARPSC, assert_filled, first};
use crate::answer::{answer_of_events, assert_has, event};

#[test]
fn system_7045_is_a_service_installed() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
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
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "Event",
        "EventLog == 'System' and EventID == 7036",
        "ID7045-7036 PSexec service installation.evtx",
    );
    assert_has(&row, &[("Source", "Service Control Manager")]);
    assert!(row["ParameterXml"].starts_with("<Param>"), "{row:#?}");
    assert!(row["EventData"].contains("<Data Name=\"param1\">"), "{row:#?}");
}

#[test]
fn event_has_the_xml_of_the_fields_in_their_order() {
    let events = [
        event("Kettle", "Kitchen", 7, &json!({"Water": "1 < 2", "Beans": "a \"b\" & [c]"})),
        event("Kettle", "Kitchen", 8, &json!({"Data": ["x", "{y}"], "Binary": "00"})),
    ];
    let rows = answer_of_events("Event", &events);
    let (before, behind) = (
        "<DataItem type=\"System.XmlData\"><EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">",
        "</EventData></DataItem>",
    );
    let named =
        "<Data Name=\"Water\">1 &lt; 2</Data><Data Name=\"Beans\">a &quot;b&quot; &amp; [c]</Data>";
    let params = "<Param>1 &lt; 2</Param><Param>a &quot;b&quot; &amp; [c]</Param>";
    assert_has(
        &rows[0],
        &[("EventData", &format!("{before}{named}{behind}")), ("ParameterXml", params)],
    );
    let unnamed = "<Data>x</Data><Data>{y}</Data><Binary>00</Binary>";
    assert_has(&rows[1], &[("EventData", &format!("{before}{unnamed}{behind}"))]);
}

#[test]
fn powershell_4103_and_4104_are_commands() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'PowerShellCommand' and tostring(AdditionalFields.Command) == 'Start-Sleep'",
        "empire_find_localadmin_smb_svcctl_OpenSCManager.zip",
    );
    assert_filled(&row, COMMON);
    assert_filled(&row, &["InitiatingProcessId", "InitiatingProcessAccountSid"]);
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'PowerShellCommand' and isnotempty(AdditionalFields.ScriptBlockId)",
        "empire_launcher_vbs.zip",
    );
    assert!(row["AdditionalFields"].contains("ScriptB"), "{row:#?}");
    let row = first(
        &reference,
        "Event",
        "EventLog == 'Microsoft-Windows-PowerShell/Operational' and EventID == 4104",
        "empire_launcher_vbs.zip",
    );
    assert!(row["EventData"].contains("<Data Name=\"ScriptBlockText\">"), "{row:#?}");
}

#[test]
fn task_scheduler_106_and_140_are_tasks_created_and_updated() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "DeviceEvents",
        "ActionType == 'ScheduledTaskCreated' and isempty(AdditionalFields.TaskContent)",
        SCHTASK,
    );
    assert_filled(&row, COMMON);
    assert_has(&row, &[("AccountSid", "S-1-5-18"), ("AccountName", "")]);
    let row = first(&reference, "DeviceEvents", "ActionType == 'ScheduledTaskUpdated'", SCHTASK);
    assert_has(&row, &[("AccountSid", "S-1-5-18")]);
}

#[test]
fn task_scheduler_129_is_in_event() {
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
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
    let reference = testkit::reference!("logs");
    let row = first(
        &reference,
        "Event",
        "Source == 'Microsoft-Windows-WMI-Activity' and EventID == 5857",
        SHARPSC,
    );
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
