//! The fields of an event of Sysmon out of its message, which has one `Name: value` a line.
//!
//! Values may have breaks in them, command lines above all, and then a line of a value may look like a
//! field. The names that Sysmon has are known; any other line goes on with the value before, and is told
//! where it could have been a field.

use crate::{losses::Cause, tree::draft::Draft};

/// Adds the fields that a message has, and what is not certain of it.
pub(super) fn add(draft: &mut Draft, id: &str, message: &str, lost: &mut Vec<(Cause, String)>) {
    let (fields, doubtful) = read(id, message);
    lost.extend(doubtful.into_iter().map(|line| (Cause::LineOfValue, line.to_owned())));
    for (name, value) in fields {
        draft.data(name, value);
    }
}

/// Returns the fields of a message, behind one line of title, and the lines that may be fields and were
/// taken for the rest of the value before.
fn read<'m>(id: &str, message: &'m str) -> (Vec<(&'m str, String)>, Vec<&'m str>) {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut doubtful = Vec::new();
    for line in message.lines().skip(1) {
        let named = line.split_once(':').filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let field = named.filter(|(name, _)| {
            is_field(id, name) && fields.iter().all(|(known, _)| known != name)
        });
        match (field, fields.last_mut()) {
            (Some((name, value)), _) => {
                fields.push((name, value.strip_prefix(' ').unwrap_or(value).to_owned()));
            }
            (None, last) => {
                // What is before the colon may be a drive or a scheme as well.
                let looks_like_a_field =
                    named.is_some_and(|(_, value)| !value.starts_with(['\\', '/']));
                if looks_like_a_field || last.is_none() && !line.is_empty() {
                    doubtful.push(line);
                }
                if let Some((_, value)) = last {
                    value.push('\n');
                    value.push_str(line);
                }
            }
        }
    }
    (fields, doubtful)
}

/// Tells whether an event has a field of that name.
fn is_field(id: &str, name: &str) -> bool {
    let of_process = PROCESS_CREATION.contains(&name);
    if id == "1" { of_process } else { of_process || OTHERS.contains(&name) }
}

/// The fields of event 1, in their order.
///
/// Source: the events of Sysmon, <https://learn.microsoft.com/sysinternals/downloads/sysmon>, whose
/// manifest (`sysmon -s`) has their fields.
const PROCESS_CREATION: &[&str] = &[
    "RuleName",
    "UtcTime",
    "ProcessGuid",
    "ProcessId",
    "Image",
    "FileVersion",
    "Description",
    "Product",
    "Company",
    "OriginalFileName",
    "CommandLine",
    "CurrentDirectory",
    "User",
    "LogonGuid",
    "LogonId",
    "TerminalSessionId",
    "IntegrityLevel",
    "Hashes",
    "ParentProcessGuid",
    "ParentProcessId",
    "ParentImage",
    "ParentCommandLine",
    "ParentUser",
];

/// What other events have besides.
const OTHERS: &[&str] = &[
    "Archived",
    "CallTrace",
    "ClientInfo",
    "Configuration",
    "ConfigurationFileHash",
    "Consumer",
    "Contents",
    "CreationUtcTime",
    "Destination",
    "DestinationHostname",
    "DestinationIp",
    "DestinationIsIpv6",
    "DestinationPort",
    "DestinationPortName",
    "Details",
    "Device",
    "EventNamespace",
    "EventType",
    "Filter",
    "GrantedAccess",
    "Hash",
    "ID",
    "ImageLoaded",
    "Initiated",
    "IsExecutable",
    "Name",
    "NewName",
    "NewThreadId",
    "Operation",
    "PipeName",
    "PreviousCreationUtcTime",
    "Protocol",
    "Query",
    "QueryName",
    "QueryResults",
    "QueryStatus",
    "SchemaVersion",
    "Session",
    "Signature",
    "SignatureStatus",
    "Signed",
    "SourceHostname",
    "SourceImage",
    "SourceIp",
    "SourceIsIpv6",
    "SourcePort",
    "SourcePortName",
    "SourceProcessGUID",
    "SourceProcessGuid",
    "SourceProcessId",
    "SourceThreadId",
    "SourceUser",
    "StartAddress",
    "StartFunction",
    "StartModule",
    "State",
    "TargetFilename",
    "TargetImage",
    "TargetObject",
    "TargetProcessGUID",
    "TargetProcessGuid",
    "TargetProcessId",
    "TargetUser",
    "Type",
    "Version",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the fields as one text, and the doubtful lines.
    fn of(id: &str, lines: &[&str]) -> (String, Vec<String>) {
        let message = format!("Title:\r\n{}", lines.join("\r\n"));
        let (fields, doubtful) = read(id, &message);
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (fields.join("|"), doubtful.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn each_line_is_a_field() {
        let lines = ["RuleName: -", "CommandLine: a: b", "Image: C:\\x.exe", "User:"];
        let (fields, doubtful) = of("1", &lines);
        assert_eq!(fields, "RuleName=-|CommandLine=a: b|Image=C:\\x.exe|User=");
        assert!(doubtful.is_empty(), "{doubtful:?}");
    }

    #[test]
    fn lines_of_a_value_stay_in_it_and_are_told_where_they_look_like_fields() {
        let (fields, doubtful) = of("1", &["CommandLine: a", "  b", "C:\\y", "Image: x"]);
        assert_eq!(fields, "CommandLine=a\n  b\nC:\\y|Image=x");
        assert!(doubtful.is_empty(), "{doubtful:?}");
        for line in ["b: c", "TargetObject: HKLM", "RuleName: again"] {
            let (fields, doubtful) = of("1", &["RuleName: -", "CommandLine: a", line, "Image: x"]);
            assert_eq!(fields, format!("RuleName=-|CommandLine=a\n{line}|Image=x"));
            assert_eq!(doubtful, [line]);
        }
        assert_eq!(
            of("13", &["TargetObject: HKLM", "Details: a"]).0,
            "TargetObject=HKLM|Details=a"
        );
    }
}
