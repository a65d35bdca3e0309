//! What placeholders stand for in one attempt at a test: which host was the source, which the target.

use std::{collections::BTreeMap, net::IpAddr};

use super::plan::HostRole;

/// A placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Variable {
    /// The host from which a test is run, by name or address.
    Source,
    /// The host against which it is run, by name or address.
    Target,
    /// The source's address.
    SourceIp,
    /// The target's address.
    TargetIp,
}

impl Variable {
    /// What a message says that a placeholder may be.
    pub(super) const EXPECTED: &str =
        "a placeholder: expected {source}, {target}, {source_ip} or {target_ip}";

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "source" => Self::Source,
            "target" => Self::Target,
            "source_ip" => Self::SourceIp,
            "target_ip" => Self::TargetIp,
            _ => return None,
        })
    }

    /// Returns the group of a regular expression that captures it.
    pub(super) const fn group(self) -> &'static str {
        match self {
            Self::Source | Self::Target => r#"([^\\/\s"',@]+)"#,
            Self::SourceIp | Self::TargetIp => r"(?:::ffff:)?([0-9a-f.:]+|localhost|-)(?:%\d+)?",
        }
    }

    const fn role(self) -> HostRole {
        match self {
            Self::Source | Self::SourceIp => HostRole::Source,
            Self::Target | Self::TargetIp => HostRole::Target,
        }
    }

    const fn of(role: HostRole, is_address: bool) -> Self {
        match (role, is_address) {
            (HostRole::Source, false) => Self::Source,
            (HostRole::Source, true) => Self::SourceIp,
            (HostRole::Target, false) => Self::Target,
            (HostRole::Target, true) => Self::TargetIp,
        }
    }
}

/// What is known of an attempt's hosts. A host has one name, and may have one address of each family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bindings {
    names: BTreeMap<HostRole, String>,
    addresses: BTreeMap<(HostRole, bool), IpAddr>,
}

impl Bindings {
    /// Returns what a record says: which host recorded it, and what its fields held.
    ///
    /// A text that stands for the own host, such as `localhost` or a loopback address, is the host that
    /// recorded it.
    pub(super) fn of_record(
        recorder: HostRole,
        host: &str,
        captured: impl IntoIterator<Item = (Variable, String)>,
    ) -> Self {
        let mut bindings = Self::default();
        bindings.set(Variable::of(recorder, false), host);
        for (variable, text) in captured {
            let text = text.trim();
            if text.is_empty() || text == "-" {
                continue;
            }
            let text = if is_own_host(text) { host } else { text };
            bindings.set(variable, text);
        }
        bindings
    }

    /// Returns what the user says of the hosts: names or addresses.
    pub(super) fn of_user<'a>(hosts: impl Iterator<Item = (Variable, &'a str)>) -> Self {
        let mut bindings = Self::default();
        for (variable, host) in hosts {
            bindings.set(variable, host);
        }
        bindings
    }

    fn set(&mut self, variable: Variable, text: &str) {
        let role = variable.role();
        match text.parse::<IpAddr>() {
            Ok(address) => {
                self.addresses.entry((role, address.is_ipv6())).or_insert(address);
            }
            Err(_) => {
                self.names.entry(role).or_insert_with(|| short(text));
            }
        }
    }

    /// Returns what both say together, unless they contradict each other.
    pub(super) fn united(&self, other: &Self) -> Option<Self> {
        let mut united = self.clone();
        for (role, name) in &other.names {
            let known = united.names.entry(*role).or_insert_with(|| name.clone());
            if known != name {
                return None;
            }
        }
        for (key, address) in &other.addresses {
            if united.addresses.entry(*key).or_insert(*address) != address {
                return None;
            }
        }
        Some(united)
    }

    /// Returns the name of a host, if it is known.
    pub(super) fn name(&self, role: HostRole) -> Option<&str> {
        self.names.get(&role).map(String::as_str)
    }

    /// Returns the name of a host, else its address.
    pub(super) fn host(&self, role: HostRole) -> Option<String> {
        let address = || {
            let of_role = |is_v6| self.addresses.get(&(role, is_v6));
            of_role(false).or_else(|| of_role(true)).map(ToString::to_string)
        };
        self.name(role).map(str::to_owned).or_else(address)
    }
}

/// Returns a host's name without its domain, in lower case; an address stays whole.
pub(super) fn short(name: &str) -> String {
    let name = name.trim_end_matches('$').to_lowercase();
    if name.parse::<IpAddr>().is_ok() {
        return name;
    }
    name.split('.').next().unwrap_or_default().to_owned()
}

fn is_own_host(text: &str) -> bool {
    let is_loopback = |address: IpAddr| address.is_loopback() || address.is_unspecified();
    text == "." || text.eq_ignore_ascii_case("localhost") || text.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: HostRole, host: &str, captured: &[(Variable, &str)]) -> Bindings {
        let captured = captured.iter().map(|(variable, text)| (*variable, (*text).to_owned()));
        Bindings::of_record(role, host, captured)
    }

    #[test]
    fn forms_of_one_host_agree() {
        let command = of(HostRole::Source, "ws-1", &[(Variable::Target, "SRV-2.corp.example")]);
        let share = of(HostRole::Target, "srv-2", &[(Variable::SourceIp, "10.0.0.7")]);
        let united = command.united(&share).unwrap();
        assert_eq!(united.host(HostRole::Source).as_deref(), Some("ws-1"));
        let other = of(HostRole::Target, "srv-3", &[]);
        assert_eq!(united.united(&other), None);
        let other = of(HostRole::Target, "srv-2", &[(Variable::SourceIp, "10.0.0.8")]);
        assert_eq!(united.united(&other), None);
    }

    #[test]
    fn loopback_is_the_host_that_recorded_it() {
        for text in ["localhost", "127.0.0.1", "::1", "."] {
            let own = of(HostRole::Source, "ws-1", &[(Variable::Target, text)]);
            assert_eq!(own.name(HostRole::Target), Some("ws-1"), "{text}");
        }
    }

    #[test]
    fn an_address_of_another_family_is_no_contradiction() {
        let one = of(HostRole::Target, "srv-2", &[(Variable::SourceIp, "10.0.0.7")]);
        let other = of(HostRole::Target, "srv-2", &[(Variable::SourceIp, "fe80::7")]);
        assert!(one.united(&other).is_some());
    }
}
