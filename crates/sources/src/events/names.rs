//! What exporters leave out of an event's header and other parts of it tell.

/// Event ids that the event log itself writes into the Security log.
const OF_THE_LOG_ITSELF: std::ops::RangeInclusive<u32> = 1100..=1108;

/// Returns the provider whose events alone, or nearly, are in a channel; `""` if there are many.
///
/// A channel that belongs to a provider has its name before the slash. The Security log is written
/// by the auditing of Windows and, where it tells of itself, by the event log.
///
/// Source: <https://learn.microsoft.com/windows/win32/wes/eventmanifestschema-channeltype-complextype>
pub(crate) fn provider_of(channel: &str, event_id: &str) -> String {
    if let Some((provider, _)) = channel.split_once('/') {
        return provider.to_owned();
    }
    let of_log = event_id.parse().is_ok_and(|id| OF_THE_LOG_ITSELF.contains(&id));
    match (channel.eq_ignore_ascii_case("Security"), of_log) {
        (true, true) => "Microsoft-Windows-Eventlog".to_owned(),
        (true, false) => "Microsoft-Windows-Security-Auditing".to_owned(),
        (false, _) => String::new(),
    }
}

/// Returns keywords as a number if they are the words that stand for the outcome of an audit.
///
/// Source: <https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.standardeventkeywords>
pub(crate) fn keywords_of(words: &str) -> Option<&'static str> {
    let has =
        |word: &str| words.split([',', ';', '\n']).any(|it| it.trim().eq_ignore_ascii_case(word));
    if has("Audit Success") {
        Some("0x8020000000000000")
    } else if has("Audit Failure") {
        Some("0x8010000000000000")
    } else {
        None
    }
}

/// Returns a level by the English name that exporters write for it.
///
/// The audits of Windows have the level of what is always logged.
///
/// Source: <https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.standardeventlevel>
pub(crate) fn level_of(name: &str) -> Option<i64> {
    const NAMES: [(&str, i64); 14] = [
        ("logalways", 0),
        ("log always", 0),
        ("success", 0),
        ("audit success", 0),
        ("audit failure", 0),
        ("critical", 1),
        ("error", 2),
        ("warning", 3),
        ("warn", 3),
        ("information", 4),
        ("informational", 4),
        ("info", 4),
        ("verbose", 5),
        ("debug", 5),
    ];
    let name = name.trim();
    NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, level)| *level)
}

/// The tasks of auditing: the numbers of its subcategories.
///
/// Source: the manifest of Microsoft-Windows-Security-Auditing; `auditpol /list /subcategory:*` has the
/// names.
const AUDITING_TASKS: &[(i64, &str)] = &[
    (12_288, "Security State Change"),
    (12_289, "Security System Extension"),
    (12_290, "System Integrity"),
    (12_291, "IPsec Driver"),
    (12_292, "Other System Events"),
    (12_544, "Logon"),
    (12_545, "Logoff"),
    (12_546, "Account Lockout"),
    (12_547, "IPsec Main Mode"),
    (12_548, "Special Logon"),
    (12_549, "IPsec Quick Mode"),
    (12_550, "IPsec Extended Mode"),
    (12_551, "Other Logon/Logoff Events"),
    (12_552, "Network Policy Server"),
    (12_553, "User / Device Claims"),
    (12_554, "Group Membership"),
    (12_800, "File System"),
    (12_801, "Registry"),
    (12_802, "Kernel Object"),
    (12_803, "SAM"),
    (12_804, "Other Object Access Events"),
    (12_805, "Certification Services"),
    (12_806, "Application Generated"),
    (12_807, "Handle Manipulation"),
    (12_808, "File Share"),
    (12_809, "Filtering Platform Packet Drop"),
    (12_810, "Filtering Platform Connection"),
    (12_811, "Detailed File Share"),
    (12_812, "Removable Storage"),
    (12_813, "Central Policy Staging"),
    (13_056, "Sensitive Privilege Use"),
    (13_057, "Non Sensitive Privilege Use"),
    (13_058, "Other Privilege Use Events"),
    (13_312, "Process Creation"),
    (13_313, "Process Termination"),
    (13_314, "DPAPI Activity"),
    (13_315, "RPC Events"),
    (13_316, "Plug and Play Events"),
    (13_317, "Token Right Adjusted Events"),
    (13_568, "Audit Policy Change"),
    (13_569, "Authentication Policy Change"),
    (13_570, "Authorization Policy Change"),
    (13_571, "MPSSVC Rule-Level Policy Change"),
    (13_572, "Filtering Platform Policy Change"),
    (13_573, "Other Policy Change Events"),
    (13_824, "User Account Management"),
    (13_825, "Computer Account Management"),
    (13_826, "Security Group Management"),
    (13_827, "Distribution Group Management"),
    (13_828, "Application Group Management"),
    (13_829, "Other Account Management Events"),
    (14_080, "Directory Service Access"),
    (14_081, "Directory Service Changes"),
    (14_082, "Directory Service Replication"),
    (14_083, "Detailed Directory Service Replication"),
    (14_336, "Credential Validation"),
    (14_337, "Kerberos Service Ticket Operations"),
    (14_338, "Other Account Logon Events"),
    (14_339, "Kerberos Authentication Service"),
];

/// Returns the number of a task by its name, the provider and the event's id; `None` if only the
/// provider's manifest knows it.
///
/// Sysmon's tasks have the numbers of its events.
pub(crate) fn task_of(name: &str, provider: &str, event_id: &str) -> Option<i64> {
    match provider {
        "Microsoft-Windows-Sysmon" => event_id.parse().ok(),
        "Microsoft-Windows-Security-Auditing" => auditing_task(name),
        _ => None,
    }
}

/// Returns an operation code by the name that Windows defines for all providers.
///
/// Source: <https://learn.microsoft.com/windows/win32/wes/eventmanifestschema-opcodetype-complextype>
pub(crate) fn opcode_of(name: &str) -> Option<i64> {
    const NAMES: [(&str, i64); 11] = [
        ("info", 0),
        ("start", 1),
        ("stop", 2),
        ("dc start", 3),
        ("dc stop", 4),
        ("extension", 5),
        ("reply", 6),
        ("resume", 7),
        ("suspend", 8),
        ("send", 9),
        ("receive", 240),
    ];
    NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, code)| *code)
}

/// Returns the task of auditing that has the name.
fn auditing_task(name: &str) -> Option<i64> {
    let mut tasks = AUDITING_TASKS.iter();
    tasks.find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_own_channel_names_it() {
        assert_eq!(
            provider_of("Microsoft-Windows-Sysmon/Operational", "1"),
            "Microsoft-Windows-Sysmon"
        );
        assert_eq!(provider_of("security", "4624"), "Microsoft-Windows-Security-Auditing");
        assert_eq!(provider_of("Security", "1102"), "Microsoft-Windows-Eventlog");
        assert_eq!(provider_of("System", "7045"), "");
    }

    #[test]
    fn words_for_an_audits_outcome_are_bits() {
        assert_eq!(keywords_of("Audit Failure"), Some("0x8010000000000000"));
        assert_eq!(keywords_of("Classic, audit success"), Some("0x8020000000000000"));
        assert_eq!(keywords_of("None"), None);
    }
}
