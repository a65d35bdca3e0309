//! What an alert is about, in the few words that a line of a table has room for.
//!
//! In: an alert. Out: host, account, activity and evidence as text. The rule's entities come first;
//! where it maps none, the columns that Defender and Windows events use for the same thing.

use std::borrow::Cow;

use detection::alert::{Alert, Entity, Evidence};

use crate::cell::Cell;

/// Returns the host it happened on, or `""`.
pub(crate) fn host(alert: &Alert) -> Cow<'_, str> {
    entity(alert, "Host", &["FullName", "HostName", "NetBiosName"])
        .map(Cow::Borrowed)
        .or_else(|| column(alert, &["DeviceName", "TargetDevice", "Computer"]))
        .unwrap_or_default()
}

/// Returns the account, with its domain where that is known apart, or `""`.
pub(crate) fn account(alert: &Alert) -> Cow<'_, str> {
    if let Some(account) = entities(alert, "Account").next()
        && let Some(name) = first(account, &["FullName", "Name", "Sid"])
    {
        let domain = account.identifier("NTDomain").filter(|_| !name.contains(['\\', '@']));
        return with_domain(domain, Cow::Borrowed(name));
    }
    let of = |name, domain| {
        column(alert, &[name]).map(|name| with_domain(column(alert, &[domain]).as_deref(), name))
    };
    of("AccountName", "AccountDomain")
        .or_else(|| of("InitiatingProcessAccountName", "InitiatingProcessAccountDomain"))
        .unwrap_or_default()
}

/// Returns what was done: what the row itself says of that, else a command line, else the address or
/// file it was done to, else `""`.
pub(crate) fn activity(alert: &Alert) -> Cow<'_, str> {
    const COMMAND_LINES: [&str; 3] =
        ["ProcessCommandLine", "CommandLine", "InitiatingProcessCommandLine"];
    column(alert, &["Reason"])
        .or_else(|| entity(alert, "Process", &["CommandLine"]).map(Cow::Borrowed))
        .or_else(|| column(alert, &COMMAND_LINES))
        .or_else(|| entity(alert, "File", &["Name"]).map(Cow::Borrowed))
        .or_else(|| remote(alert))
        .unwrap_or_default()
}

/// Returns where to look: the first record's file and id, and how many more there are.
pub(crate) fn evidence(alert: &Alert) -> String {
    let Some((first, rest)) = alert.evidence.split_first() else { return String::new() };
    let place = place(first);
    if rest.is_empty() { place } else { format!("{place} +{}", rest.len()) }
}

/// Writes `Security.evtx:4711`, `logs.zip/Security.evtx:4711` for an archive.
fn place(evidence: &Evidence) -> String {
    let file = file_name(&evidence.origin.file);
    let record = evidence.record_id.map_or_else(|| evidence.line.to_string(), |id| id.to_string());
    match &evidence.origin.member {
        Some(member) => format!("{file}/{}:{record}", file_name(member)),
        None => format!("{file}:{record}"),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Returns `→ 10.0.0.5:445`, from the IP entity or the remote columns.
fn remote(alert: &Alert) -> Option<Cow<'_, str>> {
    let address = entity(alert, "IP", &["Address"])
        .map(Cow::Borrowed)
        .or_else(|| column(alert, &["RemoteIP", "RemoteUrl", "TargetIP"]))?;
    let port = column(alert, &["RemotePort"]);
    Some(Cow::Owned(match port {
        Some(port) => format!("→ {address}:{port}"),
        None => format!("→ {address}"),
    }))
}

fn with_domain<'a>(domain: Option<&str>, name: Cow<'a, str>) -> Cow<'a, str> {
    match domain {
        Some(domain) => Cow::Owned(format!("{domain}\\{name}")),
        None => name,
    }
}

fn entities<'a>(alert: &'a Alert, kind: &str) -> impl Iterator<Item = &'a Entity> {
    alert.entities.iter().filter(move |entity| entity.kind.eq_ignore_ascii_case(kind))
}

fn entity<'a>(alert: &'a Alert, kind: &str, identifiers: &[&str]) -> Option<&'a str> {
    entities(alert, kind).find_map(|entity| first(entity, identifiers))
}

fn first<'a>(entity: &'a Entity, identifiers: &[&str]) -> Option<&'a str> {
    identifiers.iter().find_map(|identifier| entity.identifier(identifier))
}

/// Returns the text of the first of these columns that is there and not empty.
fn column<'a>(alert: &'a Alert, names: &[&str]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| {
        Some(Cell::from(alert.column(name)?).text()).filter(|text| !text.is_empty())
    })
}
