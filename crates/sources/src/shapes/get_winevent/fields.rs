//! Names for the values of events that PowerShell lists without.
//!
//! Windows adds fields at the end when it changes an event, so that the id and the number of values
//! say which names they have.
//!
//! Source: the events' manifests, as their XML shows them:
//! <https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/advanced-security-audit-policy-settings>

/// A field of an event and its value.
pub(super) type Field = (&'static str, String);

const AUDITING: &str = "Microsoft-Windows-Security-Auditing";
const SERVICES: &str = "Service Control Manager";

/// The mark before the name of a field that XML writes as a hexadecimal number.
const HEXADECIMAL: char = '#';

/// What follows in an event of the Security log that starts with who acts.
const SUBJECT: &[&str] =
    &["SubjectUserSid", "SubjectUserName", "SubjectDomainName", "#SubjectLogonId"];

/// The values of one kind of event.
struct Layout {
    provider: &'static str,
    id: &'static str,
    /// Whether who acts comes first.
    has_subject: bool,
    /// The fields, behind those of the subject.
    fields: &'static [&'static str],
    /// How many values there are, in each version of the event.
    counts: &'static [usize],
}

const EVENTS: &[Layout] = &[
    Layout {
        provider: AUDITING,
        id: "4624",
        has_subject: true,
        fields: &[
            "TargetUserSid",
            "TargetUserName",
            "TargetDomainName",
            "#TargetLogonId",
            "LogonType",
            "LogonProcessName",
            "AuthenticationPackageName",
            "WorkstationName",
            "LogonGuid",
            "TransmittedServices",
            "LmPackageName",
            "KeyLength",
            "#ProcessId",
            "ProcessName",
            "IpAddress",
            "IpPort",
            "ImpersonationLevel",
            "RestrictedAdminMode",
            "TargetOutboundUserName",
            "TargetOutboundDomainName",
            "VirtualAccount",
            "#TargetLinkedLogonId",
            "ElevatedToken",
        ],
        counts: &[20, 21, 27],
    },
    Layout {
        provider: AUDITING,
        id: "4625",
        has_subject: true,
        fields: &[
            "TargetUserSid",
            "TargetUserName",
            "TargetDomainName",
            "#Status",
            "FailureReason",
            "#SubStatus",
            "LogonType",
            "LogonProcessName",
            "AuthenticationPackageName",
            "WorkstationName",
            "TransmittedServices",
            "LmPackageName",
            "KeyLength",
            "#ProcessId",
            "ProcessName",
            "IpAddress",
            "IpPort",
        ],
        counts: &[21],
    },
    Layout {
        provider: AUDITING,
        id: "4634",
        has_subject: false,
        fields: &[
            "TargetUserSid",
            "TargetUserName",
            "TargetDomainName",
            "#TargetLogonId",
            "LogonType",
        ],
        counts: &[5],
    },
    Layout {
        provider: AUDITING,
        id: "4648",
        has_subject: true,
        fields: &[
            "LogonGuid",
            "TargetUserName",
            "TargetDomainName",
            "TargetLogonGuid",
            "TargetServerName",
            "TargetInfo",
            "#ProcessId",
            "ProcessName",
            "IpAddress",
            "IpPort",
        ],
        counts: &[14],
    },
    Layout {
        provider: AUDITING,
        id: "4672",
        has_subject: true,
        fields: &["PrivilegeList"],
        counts: &[5],
    },
    Layout {
        provider: AUDITING,
        id: "4688",
        has_subject: true,
        fields: &[
            "#NewProcessId",
            "NewProcessName",
            "TokenElevationType",
            "#ProcessId",
            "CommandLine",
            "TargetUserSid",
            "TargetUserName",
            "TargetDomainName",
            "#TargetLogonId",
            "ParentProcessName",
            "MandatoryLabel",
        ],
        counts: &[8, 9, 13, 15],
    },
    Layout {
        provider: AUDITING,
        id: "4697",
        has_subject: true,
        fields: &[
            "ServiceName",
            "ServiceFileName",
            "#ServiceType",
            "ServiceStartType",
            "ServiceAccount",
        ],
        counts: &[9],
    },
    Layout {
        provider: AUDITING,
        id: "4698",
        has_subject: true,
        fields: &["TaskName", "TaskContent"],
        counts: &[6],
    },
    Layout {
        provider: AUDITING,
        id: "4702",
        has_subject: true,
        fields: &["TaskName", "TaskContentNew"],
        counts: &[6],
    },
    Layout {
        provider: AUDITING,
        id: "5140",
        has_subject: true,
        fields: &[
            "ObjectType",
            "IpAddress",
            "IpPort",
            "ShareName",
            "ShareLocalPath",
            "#AccessMask",
            "AccessList",
        ],
        counts: &[11],
    },
    Layout {
        provider: AUDITING,
        id: "5142",
        has_subject: true,
        fields: &["ShareName", "ShareLocalPath"],
        counts: &[6],
    },
    Layout {
        provider: AUDITING,
        id: "5145",
        has_subject: true,
        fields: &[
            "ObjectType",
            "IpAddress",
            "IpPort",
            "ShareName",
            "ShareLocalPath",
            "RelativeTargetName",
            "#AccessMask",
            "AccessList",
            "AccessReason",
        ],
        counts: &[13],
    },
    Layout {
        provider: AUDITING,
        id: "5156",
        has_subject: false,
        fields: &[
            "ProcessID",
            "Application",
            "Direction",
            "SourceAddress",
            "SourcePort",
            "DestAddress",
            "DestPort",
            "Protocol",
            "FilterRTID",
            "LayerName",
            "LayerRTID",
            "RemoteUserID",
            "RemoteMachineID",
        ],
        counts: &[13],
    },
    Layout {
        provider: SERVICES,
        id: "7036",
        has_subject: false,
        fields: &["param1", "param2", "Binary"],
        counts: &[2, 3],
    },
    Layout {
        provider: SERVICES,
        id: "7045",
        has_subject: false,
        fields: &["ServiceName", "ImagePath", "ServiceType", "StartType", "AccountName"],
        counts: &[5],
    },
];

/// Returns the fields of an event with that many values, `None` if they are not known.
pub(in crate::shapes) fn names(
    provider: &str,
    id: &str,
    values: usize,
) -> Option<Vec<&'static str>> {
    let is_it = |event: &&Layout| {
        let is_of_provider = provider.is_empty() || event.provider == provider;
        is_of_provider && event.id == id && event.counts.contains(&values)
    };
    let event = EVENTS.iter().find(is_it)?;
    let subject = if event.has_subject { SUBJECT } else { &[] };
    Some(subject.iter().chain(event.fields).take(values).copied().collect())
}

/// Returns a field's name, and its value as the event's XML writes it.
pub(in crate::shapes) fn field(name: &'static str, value: String) -> Field {
    let Some(bare) = name.strip_prefix(HEXADECIMAL) else { return (name, value) };
    let number = value.parse::<u64>().ok().or_else(|| {
        // A status is a negative number of 32 bits.
        value.parse::<i32>().ok().map(|number| u64::from(number.cast_unsigned()))
    });
    (bare, number.map_or(value, |number| format!("{number:#x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_values_tells_the_version() {
        let last = |values| names(AUDITING, "4624", values).and_then(|names| names.last().copied());
        assert_eq!(last(20), Some("IpPort"));
        assert_eq!(last(21), Some("ImpersonationLevel"));
        assert_eq!(last(27), Some("ElevatedToken"));
        assert_eq!((last(22), names(AUDITING, "9999", 5)), (None, None));
    }

    #[test]
    fn numbers_are_written_as_xml_writes_them() {
        assert_eq!(field("#SubjectLogonId", "999".into()), ("SubjectLogonId", "0x3e7".into()));
        assert_eq!(field("#Status", "-1073741715".into()), ("Status", "0xc000006d".into()));
        assert_eq!(field("LogonType", "3".into()), ("LogonType", "3".into()));
        assert_eq!(field("#AccessMask", "0x2".into()), ("AccessMask", "0x2".into()));
    }
}
