//! Names of events in a plan: `Sysmon 1`, `Defender DeviceFileEvents`.

use crate::log_name;

/// What an event's name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventName<'a> {
    /// A Windows event: its log, provider and id.
    Windows { log: &'a str, provider: &'static str, id: u32 },
    /// A table of Defender.
    Defender { table: &'a str },
}

impl<'a> EventName<'a> {
    /// Reads `Sysmon 1` or `Defender DeviceFileEvents`; else says what is expected.
    pub(super) fn parse(name: &'a str) -> Result<Self, String> {
        let expected = || {
            let logs = log_name::all().collect::<Vec<_>>().join(", ");
            format!(
                "`{name}` is not an event: expected `Sysmon 1` or `Defender DeviceFileEvents`; logs are {logs}"
            )
        };
        let (log, rest) = name.split_once(' ').ok_or_else(expected)?;
        if log == "Defender" {
            return Ok(Self::Defender { table: rest });
        }
        let (provider, _) = log_name::origin(log).ok_or_else(expected)?;
        let id = rest.parse().map_err(|_| expected())?;
        Ok(Self::Windows { log, provider, id })
    }
}

/// Returns the expression for a field; else what is wrong with its name.
pub(super) fn column_of(event: &EventName<'_>, field: &str) -> Result<String, String> {
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if !field.split('.').all(is_name) {
        return Err(format!("`{field}` is not the name of a field"));
    }
    Ok(match event {
        EventName::Windows { log: "Security", .. } | EventName::Defender { .. } => field.to_owned(),
        EventName::Windows { .. } => format!("EventData.{field}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_events_are_read() {
        assert!(matches!(EventName::parse("Sysmon 1"), Ok(EventName::Windows { id: 1, .. })));
        assert!(EventName::parse("Sysmon one").unwrap_err().contains("Sysmon one"));
        assert!(EventName::parse("Setup 1").unwrap_err().contains("logs are Sysmon"));
    }
}
