//! What one alert saw of an access, with names and sessions looked up.

pub(crate) mod columns;
pub(crate) mod ends;
pub(crate) mod unc;

use std::{collections::BTreeSet, sync::Arc};

use detection::alert::{Alert, RuleRef};
use kql_types::Ticks;

use crate::{
    account::Account,
    artefacts::Artefacts,
    hop::method::Method,
    logons::{Logons, logon_id},
    names::{NamedBy, Names, host_names::HostNames},
    place::Place,
    sighting::{
        columns::Columns,
        ends::{End, ends, is_smb_port},
    },
};

/// An alert's view of an access. Orders by time, then by content: never by where it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sighting {
    pub(crate) time: Ticks,
    pub(crate) source: Place,
    pub(crate) target: Place,
    /// The account in whose name the target was reached.
    pub(crate) account: Option<Account>,
    /// Tells whether that is only who ran something on the source, which may have used other
    /// credentials.
    pub(crate) is_actor: bool,
    /// How the source's name is known, if its address had to be looked up.
    pub(crate) source_by: Option<NamedBy>,
    pub(crate) source_address: Option<std::net::IpAddr>,
    pub(crate) target_address: Option<std::net::IpAddr>,
    /// The session on the target.
    pub(crate) session: Option<u64>,
    /// Tells whether the session's logon named the source.
    pub(crate) is_by_session: bool,
    /// Tells whether the source was given as the host's own loopback address.
    pub(crate) is_loopback: bool,
    /// `None` if it is no movement by itself.
    pub(crate) method: Option<Method>,
    pub(crate) behaviours: BTreeSet<String>,
    pub(crate) artefacts: Artefacts,
    /// The alert's id, and its place in the list.
    pub(crate) id: String,
    pub(crate) alert: usize,
}

/// What ends and sessions are looked up in.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'a> {
    pub(crate) hosts: &'a HostNames,
    pub(crate) names: &'a Names,
    pub(crate) logons: &'a Logons<'a>,
}

impl Sighting {
    /// Reads an alert; `None` if it has no time, or is about something else than this technique.
    pub(crate) fn new(position: usize, alert: &Alert, lookup: Lookup<'_>) -> Option<Self> {
        let columns = Columns::new(alert);
        let time = alert.time?;
        let artefacts = artefacts(&columns);
        if !is_of_technique(alert, &columns, &artefacts) {
            return None;
        }
        let (source_end, target_end) = ends(&columns);
        let behaviours = columns.behaviours();
        let is_foreign = alert.rule.behaviours.is_empty();
        let method = method(&alert.rule, &behaviours, &artefacts, is_foreign);
        let is_loopback = source_end.is_loopback();
        let (source, source_by) = lookup.source(&source_end, time);
        let (target, _) = lookup.place(&target_end, time);
        let mut this = Self {
            time,
            account: account(&columns),
            is_actor: false,
            source_by,
            source_address: source_end.address.filter(|_| !is_loopback),
            target_address: target_end.address.filter(|address| !address.is_loopback()),
            session: None,
            is_by_session: false,
            is_loopback: is_loopback || (source.is_known() && source == target),
            source: if is_loopback { Place::Unknown } else { source },
            target,
            method,
            behaviours,
            artefacts,
            id: alert.id.clone(),
            alert: position,
        };
        this.look_up_session(&columns, lookup);
        if this.source == this.target {
            this.source = Place::Unknown;
        }
        // What a rule of other people is for says nothing of this row: that somebody came from
        // another host, its columns or the session have to show.
        if is_foreign && !this.source.is_known() {
            this.method = None;
        }
        Some(this)
    }

    /// Completes what is missing from the session's logon, if it is one of the target.
    fn look_up_session(&mut self, columns: &Columns<'_>, lookup: Lookup<'_>) {
        let observers = columns.observers();
        let observer = observers.first().and_then(|name| lookup.hosts.canonical(name));
        let id = logon_id(&columns.text(&["LogonId", "TargetLogonId", "SubjectLogonId"]));
        let is_targets =
            matches!(&self.target, Place::Host(target) if Some(target) == observer.as_ref());
        if !is_targets {
            let own = Account::new(
                &columns.text(&["InitiatingProcessAccountName"]),
                &columns.text(&["InitiatingProcessAccountDomain"]),
                "",
            );
            // Where nobody else is named as the one who ran it, the account may be just that one.
            self.is_actor = own.is_none() || own == self.account;
            return;
        }
        self.session = id;
        let (Some(id), Some(observer)) = (id, observer) else { return };
        let Some(logon) = lookup.logons.find(&observer, id, self.time) else { return };
        if let Some(account) = &logon.account
            && self.account.as_ref().is_none_or(|mine| mine.is_same(account))
        {
            self.account.get_or_insert_with(|| account.clone()).complete(account);
        }
        if self.source.is_known() || self.is_loopback && logon.address.is_none() {
            return;
        }
        let mut end = End { name: String::new(), address: logon.address };
        if end.is_empty() {
            end.name.clone_from(&logon.workstation);
        }
        if end.is_loopback() {
            return;
        }
        (self.source, self.source_by) = lookup.place(&end, logon.time);
        self.is_by_session = self.source.is_known();
        self.source_address = self.source_address.or(end.address);
    }
}

impl Lookup<'_> {
    /// Returns the place that an access came from.
    ///
    /// Where a row has both, the name is most often what the client said of itself, and the address
    /// is what the target saw: whose it was, the other records tell better.
    fn source(&self, end: &End, time: Ticks) -> (Place, Option<NamedBy>) {
        match end.address.filter(|address| self.names.knows(*address)) {
            Some(address) => self.place(&End { name: String::new(), address: Some(address) }, time),
            None => self.place(end, time),
        }
    }

    /// Returns the place that an end is: its name's host, else the host that had its address.
    fn place(&self, end: &End, time: Ticks) -> (Place, Option<NamedBy>) {
        if let Some(host) = self.hosts.canonical(&end.name) {
            return (Place::Host(host), None);
        }
        let is_somewhere = |address: &std::net::IpAddr| {
            !address.is_loopback() && !address.is_unspecified() && !address.is_multicast()
        };
        let Some(address) = end.address.filter(is_somewhere) else {
            return (Place::Unknown, None);
        };
        match self.names.host(address, time) {
            Some((host, by)) => (Place::Host(host), Some(by)),
            None => (Place::Address(address), None),
        }
    }
}

/// Tells whether an alert is about SMB and admin shares: by its rule's behaviours, which only the package's
/// rules have, or by its techniques.
///
/// A rule for remote services of any kind, `T1021`, is one where the row itself speaks of SMB.
fn is_of_technique(alert: &Alert, columns: &Columns<'_>, artefacts: &Artefacts) -> bool {
    let is_for = |id: &str| alert.rule.techniques.iter().any(|it| it.eq_ignore_ascii_case(id));
    let speaks_of_smb =
        || !artefacts.shares.is_empty() || !artefacts.pipes.is_empty() || is_smb_port(columns);
    !alert.rule.behaviours.is_empty() || is_for("T1021.002") || is_for("T1021") && speaks_of_smb()
}

/// Returns the most telling method of a row, by its behaviours or, from rules of other people, by
/// what it speaks of.
fn method(
    rule: &RuleRef,
    behaviours: &BTreeSet<String>,
    artefacts: &Artefacts,
    is_foreign: bool,
) -> Option<Method> {
    let named = behaviours.iter().filter_map(|id| Method::of_behaviour(rule, id)).max();
    // Some rules see services and tasks alike; the row says which it was.
    let is_task = artefacts.services.is_empty() && !artefacts.tasks.is_empty();
    if named == Some(Method::Service) && is_task {
        return Some(Method::ScheduledTask);
    }
    if named.is_some() || !is_foreign {
        // A rule that sees several behaviours and does not say which names no more than they share.
        return if behaviours.len() > 1 { least(rule, behaviours) } else { named };
    }
    Some(if !artefacts.services.is_empty() {
        Method::Service
    } else if !artefacts.tasks.is_empty() {
        Method::ScheduledTask
    } else if !artefacts.shares.is_empty() {
        Method::ShareAccess
    } else if !artefacts.pipes.is_empty() {
        Method::Pipe
    } else {
        Method::Smb
    })
}

fn least(rule: &RuleRef, behaviours: &BTreeSet<String>) -> Option<Method> {
    behaviours.iter().filter_map(|id| Method::of_behaviour(rule, id)).min()
}

/// The names under which rows carry the account, with its domain and SID: the package's first.
const ACCOUNTS: [[&str; 3]; 4] = [
    ["AccountName", "AccountDomain", "AccountSid"],
    ["RequestAccountName", "RequestAccountDomain", "RequestAccountSid"],
    ["TargetUserName", "TargetDomainName", "TargetUserSid"],
    ["SubjectUserName", "SubjectDomainName", "SubjectUserSid"],
];

fn account(columns: &Columns<'_>) -> Option<Account> {
    let named = ACCOUNTS.iter().find_map(|[name, domain, sid]| {
        Account::new(&columns.text(&[name]), &columns.text(&[domain]), &columns.text(&[sid]))
    });
    let entity = || {
        let of = |identifiers: &[&str]| columns.entity("Account", identifiers);
        Account::new(&of(&["FullName", "Name"]), &of(&["NTDomain", "DnsDomain"]), &of(&["Sid"]))
    };
    let own = || {
        let text = |name| columns.text(&[name]);
        Account::new(
            &text("InitiatingProcessAccountName"),
            &text("InitiatingProcessAccountDomain"),
            &text("InitiatingProcessAccountSid"),
        )
    };
    named.or_else(entity).or_else(own)
}

fn artefacts(columns: &Columns<'_>) -> Artefacts {
    let shares = columns.texts(&["ShareName", "ShareNames"]);
    let below = columns.texts(&["RelativePath", "RelativePaths", "RelativeTargetName"]);
    // A rule that counts accesses names several in one text.
    let shares: BTreeSet<String> =
        shares.iter().flat_map(|shares| shares.split(", ")).map(share_name).collect();
    let is_pipe_share = shares.iter().any(|share| share == "IPC$");
    let mut pipes = columns.texts(&["PipeName", "PipeNames"]);
    let mut files = columns.texts(&["FolderPath", "FolderPaths"]);
    if files.is_empty() {
        files = columns.texts(&["FileName", "FileNames"]);
    }
    if is_pipe_share { &mut pipes } else { &mut files }.extend(below);
    let is_path = |file: &String| !matches!(file.trim_matches('\\'), "");
    let pipes = pipes.iter().map(|pipe| pipe.trim_start_matches('\\').to_owned());
    Artefacts {
        shares,
        files: files.into_iter().filter(is_path).collect(),
        services: columns.texts(&["ServiceName", "ServiceNames"]),
        tasks: columns.texts(&["TaskName", "TaskNames"]),
        pipes: pipes.filter(|pipe| !pipe.is_empty()).collect(),
        processes: columns.texts(&["ProcessCommandLine", "CommandLine"]),
    }
}

/// Returns a share's name as people write it: `\\*\ADMIN$` is `ADMIN$`.
fn share_name(share: &str) -> String {
    let name = share.trim_end_matches('\\').rsplit('\\').next().unwrap_or(share);
    if name.ends_with('$') { name.to_uppercase() } else { name.to_owned() }
}

/// Returns the name that PsExec's pipes give the host it runs on: `PSEXESVC-WS01-956-stdin`.
pub(crate) fn client_of_pipe(pipe: &str) -> Option<&str> {
    let rest = pipe
        .strip_suffix("-stdin")
        .or_else(|| pipe.strip_suffix("-stdout"))
        .or_else(|| pipe.strip_suffix("-stderr"))?;
    let (head, process) = rest.rsplit_once('-')?;
    let (_, client) = head.split_once('-')?;
    let is_number = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !client.is_empty()).then_some(client)
}

/// Returns the name of the client that a row's pipes tell, with the address that it came from.
pub(crate) fn client_note(alert: &Alert) -> Option<(std::net::IpAddr, String, Ticks)> {
    let columns = Columns::new(alert);
    let (source, _) = ends(&columns);
    let pipes = artefacts(&columns).pipes;
    let client = pipes.iter().find_map(|pipe| client_of_pipe(pipe))?;
    let address = source.address.filter(|address| !address.is_loopback())?;
    Some((address, client.to_owned(), alert.time?))
}

/// Returns the hosts' names that an alert uses.
pub(crate) fn names_in(alert: &Alert) -> Vec<String> {
    let columns = Columns::new(alert);
    let (source, target) = ends(&columns);
    let records = alert.evidence.iter().filter_map(|record| record.origin.host.clone());
    records.chain([source.name, target.name, columns.observer()]).collect()
}

/// A host that logged a record of an alert, by its one name.
pub(crate) fn observers(alert: &Alert, hosts: &HostNames) -> BTreeSet<Arc<str>> {
    let records = alert.evidence.iter().filter_map(|record| record.origin.host.as_deref());
    let named: BTreeSet<Arc<str>> = records.filter_map(|host| hosts.canonical(host)).collect();
    if !named.is_empty() {
        return named;
    }
    hosts.canonical(&Columns::new(alert).observer()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psexecs_pipes_name_the_client() {
        assert_eq!(client_of_pipe("PSEXESVC-WEC01-956-stdin"), Some("WEC01"));
        assert_eq!(client_of_pipe("svc-my-host-1-stderr"), Some("my-host"));
        for pipe in ["PSEXESVC", "PSEXESVC-stdin", "x-y-z-stdin", "svcctl"] {
            assert_eq!(client_of_pipe(pipe), None, "{pipe}");
        }
    }

    #[test]
    fn shares_have_one_name() {
        assert_eq!(share_name(r"\\*\ADMIN$"), "ADMIN$");
        assert_eq!(share_name(r"c$"), "C$");
        assert_eq!(share_name(r"\\srv\Public\"), "Public");
    }
}
