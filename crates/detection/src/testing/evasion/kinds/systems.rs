//! The fields that versions of Windows and Sysmon have.
//!
//! Source: the schemas of the events in the manifests of Windows 7 to Server 2025 and of Sysmon 1 to 15.

use super::{
    super::record::{COMMANDS, Record, replace},
    Kind,
};

/// Fields of 4688 that came with Windows 10 and Server 2016.
const NEW_OF_4688: [&str; 6] = [
    "ParentProcessName",
    "TargetUserSid",
    "TargetUserName",
    "TargetDomainName",
    "TargetLogonId",
    "MandatoryLabel",
];

pub(super) const WINDOWS_7: Kind = Kind {
    name: "Windows 7",
    what: "4688 has neither command nor parent, and 4624 no restricted mode, elevation or linked logon",
    apply: |records| {
        for record in records {
            if record.is("Security", 4688) {
                record.remove(&["CommandLine"]);
                record.remove(&NEW_OF_4688);
            }
            remove_new_logon_fields(record);
        }
    },
};

pub(super) const SERVER_2012: Kind = Kind {
    name: "Server 2012 R2",
    what: "4688 has a command and no parent, and 4624 none of the fields of Windows 10",
    apply: |records| {
        for record in records {
            if record.is("Security", 4688) {
                record.remove(&NEW_OF_4688);
            }
            remove_new_logon_fields(record);
        }
    },
};

pub(super) const SERVER_2025: Kind = Kind {
    name: "Server 2025",
    what: "4624, 5140 and 5145 have fields that older versions lack",
    apply: |records| {
        for record in records {
            let added: &[(&str, &str)] = match (record.log(), record.id()) {
                ("Security", Some(4624)) => &[
                    ("RemoteCredentialGuard", "-"),
                    ("VirtualAccount", "%%1843"),
                    ("ElevatedToken", "%%1842"),
                ],
                ("Security", Some(5140 | 5145)) => {
                    &[("AccessReason", "-"), ("ObjectType", "File"), ("ClientDialect", "0x311")]
                }
                ("Security", Some(4697)) => &[
                    ("ClientProcessId", "0x0"),
                    ("ClientProcessStartKey", "0"),
                    ("ParentProcessId", "0x2a8"),
                ],
                _ => &[],
            };
            if let Some(fields) = record.fields() {
                for (name, text) in added {
                    fields.entry(*name).or_insert_with(|| (*text).into());
                }
            }
        }
    },
};

pub(super) const OLD_SYSMON: Kind = Kind {
    name: "old Sysmon",
    what: "before version 10: no original file names, no rule names, no user in files and pipes",
    apply: |records| {
        for record in records.iter_mut().filter(|record| record.log() == "Sysmon") {
            record.remove(&[
                "OriginalFileName",
                "RuleName",
                "ParentUser",
                "Description",
                "Company",
            ]);
            if record.id() != Some(1) && record.id() != Some(3) {
                record.remove(&["User"]);
            }
        }
    },
};

pub(super) const NEW_SYSMON: Kind = Kind {
    name: "new Sysmon",
    what: "rule names, types of events and users are there, and the kernel is an unknown process",
    apply: |records| {
        for record in records.iter_mut().filter(|record| record.log() == "Sysmon") {
            if let Some(fields) = record.fields() {
                fields.entry("RuleName").or_insert_with(|| "technique_id=T1021.002".into());
            }
            if record.id() == Some(3) && record.text("Image") == "System" {
                record.set("Image", "<unknown process>");
            }
        }
    },
};

pub(super) const OTHER_DRIVE: Kind = Kind {
    name: "Windows on another drive",
    what: r"Windows is in E:\Windows",
    apply: |records| {
        for record in records {
            record.change_all(&|text| replace(text, r"C:\Windows", r"E:\Windows"));
            // What a share holds is not on it by its drive.
            record.change(&COMMANDS, |text| replace(text, r"\C$\Windows", r"\E$\Windows"));
            let is_access = record.is("Security", 5140) || record.is("Security", 5145);
            if is_access && record.text("ShareName").to_uppercase().ends_with(r"\ADMIN$") {
                record.insert("ShareLocalPath", r"\??\E:\Windows");
            }
        }
    },
};

fn remove_new_logon_fields(record: &mut Record) {
    if record.is("Security", 4624) {
        record.remove(&[
            "RestrictedAdminMode",
            "TargetOutboundUserName",
            "TargetOutboundDomainName",
            "VirtualAccount",
            "TargetLinkedLogonId",
            "ElevatedToken",
        ]);
    }
}
