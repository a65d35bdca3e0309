//! Logons by other ways than those that alerts are about: remote desktop, remote shells, WMI and DCOM.
//!
//! They are what administrators do all day, and no finding. Where somebody came to a host by a hop, went on from it by one
//! of these, and left the next host by a hop again, they are what joins the two.

use std::{collections::BTreeSet, net::IpAddr};

use detection::alert::Severity;
use kql_types::Ticks;

use crate::{
    account::Account,
    artefacts::Artefacts,
    forest::Forest,
    hop::{Ends, Hop, confidence::Confidence, method::Method},
    names::{Names, host_names::HostNames},
    place::Place,
    presence::Accounts,
};

/// A logon on a host from another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteLogon {
    /// The host's name as the record has it.
    pub host: String,
    /// When.
    pub time: Ticks,
    /// Who.
    pub account: Account,
    /// The address that it came from.
    pub address: IpAddr,
    /// By which way.
    pub method: Method,
}

/// Returns the hops that remote logons would be, between places that are two and known.
pub(crate) fn candidates(logons: &[RemoteLogon], hosts: &HostNames, names: &Names) -> Vec<Hop> {
    logons.iter().filter_map(|logon| candidate(logon, hosts, names)).collect()
}

fn candidate(logon: &RemoteLogon, hosts: &HostNames, names: &Names) -> Option<Hop> {
    let target = Place::Host(hosts.canonical(&logon.host)?);
    let named = names.host(logon.address, logon.time);
    let source = named.as_ref().map_or(Place::Address(logon.address), |(host, _)| {
        Place::Host(std::sync::Arc::clone(host))
    });
    if source == target {
        return None;
    }
    Some(Hop {
        source,
        target,
        source_address: Some(logon.address),
        target_address: None,
        source_named_by: named.map(|(_, by)| by),
        account: Some(logon.account.clone()),
        method: logon.method,
        is_context: true,
        sessions: BTreeSet::new(),
        first: logon.time,
        last: logon.time,
        artefacts: Artefacts::default(),
        behaviours: BTreeSet::new(),
        severity: Severity::Informational,
        confidence: Confidence::Low,
        reasons: BTreeSet::from(["a logon that no alert is about"]),
        seen_by: Ends { source: false, target: true },
        alerts: Vec::new(),
        evidence: Vec::new(),
    })
}

/// Takes away the context that joins nothing, and returns the rest with which hop led to which.
///
/// In go hops in order of time.
pub(crate) fn settle(mut hops: Vec<Hop>, accounts: &Accounts) -> (Vec<Hop>, Forest) {
    let forest = Forest::grow(&hops, accounts);
    let mut is_needed = vec![false; hops.len()];
    // A hop's children stand behind it.
    for (position, hop) in hops.iter().enumerate().rev() {
        let leads_on = forest
            .children(position)
            .iter()
            .any(|child| is_needed.get(*child).copied().unwrap_or(false));
        let is_joined = forest.parent(position).is_some() && leads_on;
        if let Some(is_needed) = is_needed.get_mut(position) {
            *is_needed = !hop.is_context || is_joined;
        }
    }
    if is_needed.iter().all(|is_needed| *is_needed) {
        return (hops, forest);
    }
    let mut needed = is_needed.into_iter();
    hops.retain(|_| needed.next().unwrap_or(true));
    let forest = Forest::grow(&hops, accounts);
    (hops, forest)
}
