//! From a row to the two ends of an access: who reached whom.

use std::net::IpAddr;

use crate::{
    place,
    sighting::{columns::Columns, unc::unc_target},
};

/// One end, as a row names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    /// The host's name, or `""`.
    pub(crate) name: String,
    /// Its address.
    pub(crate) address: Option<IpAddr>,
}

impl End {
    /// Makes an end of a name and an address; either may hold the other.
    pub(crate) fn new(name: &str, address: &str) -> Self {
        match (place::address(name), place::address(address)) {
            (None, address) => Self { name: name.trim().to_owned(), address },
            (Some(named), address) => {
                Self { name: String::new(), address: address.or(Some(named)) }
            }
        }
    }

    /// Tells whether nothing is known of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_empty() && self.address.is_none()
    }

    /// Tells whether it is the host itself, by its loopback address.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.is_loopback())
            || self.name.eq_ignore_ascii_case("localhost")
    }
}

/// Returns source and target of a row.
///
/// The package's own columns decide where a row has any of them. Rows of other rules are told by
/// the columns of the tables they come from: who connected, who logged on, whose file it was, which
/// host a command names.
pub(crate) fn ends(columns: &Columns<'_>) -> (End, End) {
    let source = End::new(&columns.text(&["SourceDevice"]), &columns.text(&["SourceIP"]));
    let target = End::new(&columns.text(&["TargetDevice"]), &columns.text(&["TargetIP"]));
    let own = own_end(columns);
    match (source.is_empty(), target.is_empty()) {
        (false, false) => (source, target),
        (true, false) if is_one(&own, &target) => (source, target),
        // The target is another host, so the row is the source's.
        (true, false) => (own, target),
        (false, true) if is_one(&own, &source) => (source, asked_for(columns)),
        (false, true) => (source, own),
        (true, true) => told_by_table(columns, own),
    }
}

/// The host whose record it is.
fn own_end(columns: &Columns<'_>) -> End {
    let observer = columns.observer();
    let name = if observer.is_empty() {
        columns.entity("Host", &["FullName", "HostName", "NetBiosName"])
    } else {
        observer
    };
    End::new(&name, &columns.text(&["LocalIP"]))
}

/// Tells whether both name the same host, by its first label or its address.
fn is_one(one: &End, other: &End) -> bool {
    let label = |end: &End| end.name.split('.').next().unwrap_or_default().to_lowercase();
    (!one.name.is_empty() && label(one) == label(other))
        || (one.address.is_some() && one.address == other.address)
}

/// The host that a command names.
fn asked_for(columns: &Columns<'_>) -> End {
    let line = columns.text(&["ProcessCommandLine", "CommandLine"]);
    let share = columns.text(&["ShareName"]);
    let host = unc_target(&line).or_else(|| unc_target(&share)).map_or("", |(host, _)| host);
    End::new(host, "")
}

/// SMB and the ports of its older and newer forms.
const SMB_PORTS: [i64; 2] = [445, 139];

/// Tells whether a row's connection is one to a port of SMB.
pub(crate) fn is_smb_port(columns: &Columns<'_>) -> bool {
    ["LocalPort", "RemotePort"].iter().any(|port| is_smb(columns, port))
}

fn is_smb(columns: &Columns<'_>, port: &str) -> bool {
    columns.number(port).is_some_and(|port| SMB_PORTS.contains(&port))
}

fn told_by_table(columns: &Columns<'_>, own: End) -> (End, End) {
    let is_smb = |port: &str| is_smb(columns, port);
    let remote = End::new(&columns.text(&["RemoteDeviceName"]), &columns.text(&["RemoteIP"]));
    let action = columns.text(&["ActionType"]);
    if is_smb("LocalPort") || action == "InboundConnectionAccepted" {
        return (remote, own);
    }
    if is_smb("RemotePort") {
        let name = columns.text(&["RemoteUrl"]);
        return (own, End { name, ..remote });
    }
    let client = End::new(
        &columns.text(&["WorkstationName"]),
        &columns.text(&["RequestSourceIP", "IpAddress", "ClientIPAddress"]),
    );
    if !client.is_empty() {
        return (client, own);
    }
    if !remote.is_empty() && !columns.text(&["LogonType"]).is_empty() {
        return (remote, own);
    }
    let asked = asked_for(columns);
    if asked.is_empty() { (End::default(), own) } else { (own, asked) }
}
