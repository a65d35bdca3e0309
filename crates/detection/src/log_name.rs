//! Short names of Windows' event logs, as tests and validation plans write them: `Sysmon 1`.

/// Short name, provider and channel.
const LOGS: [(&str, &str, &str); 6] = [
    ("Sysmon", "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational"),
    ("Security", "Microsoft-Windows-Security-Auditing", "Security"),
    ("System", "Service Control Manager", "System"),
    ("PowerShell", "Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational"),
    ("SMBServer", "Microsoft-Windows-SMBServer", "Microsoft-Windows-SMBServer/Security"),
    ("SMBClient", "Microsoft-Windows-SMBClient", "Microsoft-Windows-SmbClient/Security"),
];

/// Returns the provider and the channel of a log.
pub(crate) fn origin(log: &str) -> Option<(&'static str, &'static str)> {
    let found = LOGS.iter().find(|(name, ..)| *name == log);
    found.map(|(_, provider, channel)| (*provider, *channel))
}

/// Returns the short name of a channel, or the channel itself if it has none.
pub(crate) fn of_channel(channel: &str) -> &str {
    let found = LOGS.iter().find(|(_, _, known)| known.eq_ignore_ascii_case(channel));
    found.map_or(channel, |(name, ..)| name)
}

/// Yields the short names.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    LOGS.iter().map(|(name, ..)| *name)
}
