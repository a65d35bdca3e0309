//! Logon sessions: whose they are and where they came from.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use kql_types::Ticks;

use crate::{account::Account, names::host_names::HostNames};

/// A logon on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Logon {
    /// The host's name as the record has it.
    pub host: String,
    /// The session's id on that host.
    pub id: u64,
    /// When.
    pub time: Ticks,
    /// Who.
    pub account: Option<Account>,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// The name that the client gave of itself, or `""`.
    pub workstation: String,
}

/// A host's clock and its events' order agree to within so much.
const SLACK: Ticks = 600_000_000;

/// Logons by host and id, in order of time: ids are given again after a restart.
#[derive(Debug)]
pub(crate) struct Logons<'a> {
    by_id: BTreeMap<(Arc<str>, u64), Vec<&'a Logon>>,
}

impl<'a> Logons<'a> {
    pub(crate) fn new(logons: &'a [Logon], hosts: &HostNames) -> Self {
        let mut by_id: BTreeMap<(Arc<str>, u64), Vec<&Logon>> = BTreeMap::new();
        for logon in logons {
            if let Some(host) = hosts.canonical(&logon.host) {
                by_id.entry((host, logon.id)).or_default().push(logon);
            }
        }
        for logons in by_id.values_mut() {
            logons.sort_by_key(|logon| (logon.time, *logon));
        }
        Self { by_id }
    }

    /// Returns the logon that a session of this id at this time began with.
    pub(crate) fn find(&self, host: &Arc<str>, id: u64, time: Ticks) -> Option<&'a Logon> {
        let logons = self.by_id.get(&(Arc::clone(host), id))?;
        let begun = logons.partition_point(|logon| logon.time <= time.saturating_add(SLACK));
        logons.get(begun.checked_sub(1)?).copied()
    }
}

/// Reads a session's id as logs write it, `0x51a7c3` or decimal; sessions of Windows itself and
/// none are none.
pub(crate) fn logon_id(text: &str) -> Option<u64> {
    let text = text.trim();
    let id = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => text.parse().ok()?,
    };
    // The system, its network and local services, anonymous.
    (!matches!(id, 0 | 0x3e4 | 0x3e5 | 0x3e6 | 0x3e7)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_both_forms() {
        assert_eq!(logon_id("0x51a7c3"), logon_id("5351363"));
        for text in ["0x3e7", "0x0", "", "-", "999", "x"] {
            assert_eq!(logon_id(text), None, "{text}");
        }
    }

    #[test]
    fn a_session_is_that_of_the_last_logon_before() {
        let logon = |time: Ticks, workstation: &str| Logon {
            host: "SRV".to_owned(),
            id: 7,
            time,
            account: None,
            address: None,
            workstation: workstation.to_owned(),
        };
        let logons = [logon(9 * SLACK, "b"), logon(0, "a")];
        let hosts = HostNames::default();
        let logons = Logons::new(&logons, &hosts);
        let find =
            |time| logons.find(&"srv".into(), 7, time).map(|logon| logon.workstation.as_str());
        assert_eq!(find(SLACK), Some("a"));
        assert_eq!(find(10 * SLACK), Some("b"));
        assert_eq!(find(-2 * SLACK), None);
    }
}
