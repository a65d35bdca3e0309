//! What is not recorded: fields that are optional, and logs that are missing.

use super::{
    super::record::{Record, is_source},
    Kind,
};

pub(super) const NO_PARENT: Kind = Kind {
    name: "no parent",
    what: "nothing says which program started a process",
    apply: |records| {
        for record in records.iter_mut().filter(|record| record.is_process()) {
            record.remove(&[
                "ParentImage",
                "ParentCommandLine",
                "ParentProcessName",
                "ParentProcessId",
                "ParentProcessGuid",
                "InitiatingProcessFileName",
                "InitiatingProcessCommandLine",
                "InitiatingProcessFolderPath",
            ]);
        }
    },
};

pub(super) const NO_LOGON_ID: Kind = Kind {
    name: "no logon id",
    what: "nothing says which records are of one session",
    apply: |records| {
        without(records, &["SubjectLogonId", "TargetLogonId", "LogonId", "LogonGuid"]);
    },
};

pub(super) const NO_PORTS: Kind = Kind {
    name: "no source ports",
    what: "the port on the source's side is missing",
    apply: |records| {
        for record in records {
            let is_inbound = record.text("ActionType").starts_with("Inbound");
            let port = if is_inbound { "RemotePort" } else { "LocalPort" };
            record.remove(&["IpPort", "SourcePort", "RequestSourcePort", port]);
        }
    },
};

pub(super) const NO_SIDS: Kind = Kind {
    name: "no SIDs",
    what: "accounts have names alone",
    apply: |records| {
        without(records, &["SubjectUserSid", "TargetUserSid", "AccountSid", "RequestAccountSid"]);
    },
};

pub(super) const NO_HASHES: Kind = Kind {
    name: "no hashes",
    what: "files have no hashes",
    apply: |records| without(records, &["Hashes", "SHA1", "SHA256", "MD5"]),
};

pub(super) const WITHOUT_SECURITY: Kind = Kind {
    name: "without the Security logs",
    what: "of an attack that several logs show, the Security logs are missing",
    apply: |records| keep(records, |record| record.log() != "Security"),
};

pub(super) const WITHOUT_SYSMON: Kind = Kind {
    name: "without Sysmon",
    what: "of an attack that several logs show, Sysmon's are missing",
    apply: |records| keep(records, |record| record.log() != "Sysmon"),
};

pub(super) const WITHOUT_SYSTEM: Kind = Kind {
    name: "without the System logs",
    what: "of an attack that several logs show, the System logs are missing",
    apply: |records| keep(records, |record| record.log() != "System"),
};

pub(super) const WITHOUT_SOURCE: Kind = Kind {
    name: "without the source",
    what: "of an attack that both hosts show, the source's records are missing",
    apply: |records| keep(records, |record| !is_source(record)),
};

pub(super) const WITHOUT_TARGET: Kind = Kind {
    name: "without the target",
    what: "of an attack that both hosts show, the target's records are missing",
    apply: |records| keep(records, is_source),
};

/// Keeps some records, unless those are none.
fn keep(records: &mut Vec<Record>, is_kept: impl Fn(&Record) -> bool) {
    if records.iter().any(&is_kept) {
        records.retain(is_kept);
    }
}

fn without(records: &mut [Record], fields: &[&str]) {
    for record in records {
        record.remove(fields);
    }
}
