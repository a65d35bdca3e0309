//! The saved functions that give events the names of Sentinel's normalised schemas.

use crate::answer::{answer, assert_has};

#[test]
fn processes() {
    let reference = testkit::reference!("logs");
    let rows = answer(&reference,
        "_Im_ProcessCreate(targetprocess_has_any = dynamic(['net.exe']), commandline_has_all = dynamic(['use']))
         | project EventType, CommandLine, Process, TargetUserIdType, DvcHostname, ActingProcessName",
        "ID4688-4648 Lateral movement with net use.evtx",
    );
    assert!(!rows.is_empty());
    assert_has(&rows[0], &[("EventType", "ProcessCreated"), ("TargetUserIdType", "SID")]);
    let all = answer(
        &reference,
        "imProcessCreate | count",
        "ID4688-4648 Lateral movement with net use.evtx",
    );
    let native = answer(
        &reference,
        "DeviceProcessEvents | count",
        "ID4688-4648 Lateral movement with net use.evtx",
    );
    assert_eq!(all, native);
}

#[test]
fn network_sessions_go_from_source_to_destination() {
    let reference = testkit::reference!("logs");
    let rows = answer(&reference,
        "_Im_NetworkSession(dstportnumber = 445, dstipaddr_has_any_prefix = dynamic(['172.18.39.']))
         | where NetworkDirection == 'Outbound' | take 1",
        "covenant_copy_smb_CreateRequest.zip",
    );
    assert_has(
        &rows[0],
        &[
            ("EventType", "EndpointNetworkSession"),
            ("DstPortNumber", "445"),
            ("NetworkProtocol", "TCP"),
            ("EventResult", "Success"),
        ],
    );
    let inbound = answer(
        &reference,
        "_Im_NetworkSession | where NetworkDirection == 'Inbound' and DstPortNumber == 445 | count",
        "covenant_copy_smb_CreateRequest.zip",
    );
    assert_ne!(inbound[0]["Count"], "0");
}

#[test]
fn files() {
    let reference = testkit::reference!("logs");
    let rows = answer(
        &reference,
        "_Im_FileEvent(targetfilepath_has_any = dynamic(['PSEXESVC']), eventtype_in = dynamic(['FileCreated'])) | take 1",
        "ID11,13,17,18-PSexec as system execution.evtx",
    );
    assert_has(
        &rows[0],
        &[
            ("EventType", "FileCreated"),
            ("TargetFileName", "PSEXESVC.exe"),
            ("TargetFileDirectory", r"C:\Windows"),
            ("TargetFileExtension", "exe"),
            ("NetworkApplicationProtocol", ""),
        ],
    );
}

#[test]
fn logons_and_logoffs() {
    let reference = testkit::reference!("logs");
    let rows = answer(
        &reference,
        "_Im_Authentication | summarize count() by EventType, EventResult | sort by EventType asc",
        "covenant_copy_smb_CreateRequest.zip",
    );
    let kinds: Vec<(&str, &str)> =
        rows.iter().map(|row| (&*row["EventType"], &*row["EventResult"])).collect();
    assert_eq!(kinds, [("Logoff", "Success"), ("Logon", "Success")]);
    let logons = answer(&reference,
        "_Im_Authentication(eventtype_in = dynamic(['Logon'])) | where TargetSessionId in (
             (_Im_Authentication(eventtype_in = dynamic(['Logoff'])) | project TargetSessionId)) | count",
        "covenant_copy_smb_CreateRequest.zip",
    );
    assert_ne!(logons[0]["Count"], "0", "sessions have one number at both ends");
}
