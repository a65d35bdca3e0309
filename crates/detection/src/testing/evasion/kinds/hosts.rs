//! Addresses, and the forms in which hosts are named.

use std::net::IpAddr;

use super::{
    super::record::{ADDRESSES, COMMANDS, Record, hosts, replace},
    Kind,
};

/// The domain of a case's hosts.
const DOMAIN: &str = "corp.example";

pub(super) const IPV6: Kind = Kind {
    name: "IPv6",
    what: "hosts have unique local addresses of IPv6",
    apply: |records| readdress(records, |own| format!("fd00:66::{own}")),
};

pub(super) const IPV4_MAPPED: Kind = Kind {
    name: "IPv4 in the form of IPv6",
    what: "addresses are written as ::ffff:10.0.0.1",
    apply: |records| {
        for record in records {
            record.change(&ADDRESSES, |text| match text.parse() {
                Ok(IpAddr::V4(address)) => format!("::ffff:{address}"),
                _ => text.to_owned(),
            });
        }
    },
};

pub(super) const LINK_LOCAL: Kind = Kind {
    name: "link-local IPv6",
    what: "hosts of one network reach each other by addresses that begin with fe80",
    apply: |records| readdress(records, |own| format!("fe80::66:{own}")),
};

pub(super) const FULL_NAME: Kind = Kind {
    name: "hosts by full name",
    what: "commands name hosts with their domain",
    apply: |records| rename(records, |host| format!("{host}.{DOMAIN}")),
};

pub(super) const NETBIOS_NAME: Kind = Kind {
    name: "hosts by NetBIOS name",
    what: "commands name hosts in capitals, without domain",
    apply: |records| rename(records, str::to_uppercase),
};

pub(super) const BY_ADDRESS: Kind = Kind {
    name: "hosts by address",
    what: "commands name hosts by their addresses",
    apply: |records| rename(records, |_| "10.77.200.9".to_owned()),
};

pub(super) const SHORT_COMPUTER: Kind = Kind {
    name: "computers without domain",
    what: "records name the host that wrote them without its domain",
    apply: |records| {
        recall(records, |name| name.split('.').next().unwrap_or_default().to_owned());
    },
};

pub(super) const UPPER_COMPUTER: Kind = Kind {
    name: "computers in capitals",
    what: "records name the host that wrote them in capitals",
    apply: |records| recall(records, str::to_uppercase),
};

/// Gives private addresses of IPv4 another form, of their last two parts as hexadecimal digits.
fn readdress(records: &mut [Record], form: impl Fn(String) -> String) {
    for record in records {
        record.change(&ADDRESSES, |text| match text.parse() {
            Ok(IpAddr::V4(address)) if address.is_private() => {
                let [_, net, high, low] = address.octets();
                form(format!("{net:x}:{:x}", u16::from_be_bytes([high, low])))
            }
            _ => text.to_owned(),
        });
    }
}

/// Names hosts otherwise in commands, where they stand behind `\\` or an argument for a host.
fn rename(records: &mut [Record], form: impl Fn(&str) -> String) {
    // A target without records of its own is named only in commands.
    let mut names = hosts(records);
    for record in records.iter() {
        for field in COMMANDS {
            names.extend(named(&record.text(field)));
        }
    }
    for name in names {
        let other = form(&name);
        for record in records.iter_mut() {
            record.change(&COMMANDS, |text| {
                if text.to_lowercase().contains(&format!("{name}.{DOMAIN}")) {
                    return replace(text, &format!("{name}.{DOMAIN}"), &other);
                }
                replace(text, &name, &other)
            });
        }
    }
}

/// Returns the hosts of a case that a command names: `srv-0007`, `ws-0007`.
fn named(command: &str) -> Vec<String> {
    let lower = command.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_host = |word: &&str| {
        let number = word.strip_prefix("srv-").or_else(|| word.strip_prefix("ws-"));
        number.is_some_and(|digits| digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(is_host).map(str::to_owned).collect()
}

fn recall(records: &mut [Record], form: impl Fn(&str) -> String) {
    for record in records {
        let name = form(&record.host());
        if record.is_row() {
            record.set("DeviceName", name);
        } else if let Some(computer) = record.0.pointer_mut("/Event/System/Computer") {
            *computer = name.into();
        }
    }
}
