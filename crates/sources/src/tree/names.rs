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
