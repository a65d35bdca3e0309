//! From alerts to hops, and what follows from them.

use std::{collections::BTreeSet, sync::Arc};

use detection::alert::{Alert, Evidence, Severity};

use crate::{
    artefacts::Artefacts,
    assemble::{Assembled, Draft, assemble},
    context,
    forest::Forest,
    hop::{Ends, Hop, confidence::Confidence, method::Method},
    logons::Logons,
    names::{AddressNote, NamedBy, Names, host_names::HostNames},
    observe::Observations,
    place::Place,
    presence::Accounts,
    sighting::{self, Lookup, Sighting},
};

/// How somebody moved.
#[derive(Clone, Debug, Default)]
pub struct Movement {
    /// The hops, in order of time.
    pub hops: Vec<Hop>,
    /// Which hop led to which.
    pub forest: Forest,
    /// The alerts that are part of no hop, by their places in the list.
    pub unplaced: Vec<usize>,
}

/// Makes hops of alerts.
///
/// Costs time in proportion to the number of alerts, but for sorting, and memory in proportion to
/// what the alerts hold.
pub fn trace(alerts: &[Alert], observations: &Observations) -> Movement {
    let hosts = host_names(alerts, observations);
    let pipes: Vec<AddressNote> = alerts
        .iter()
        .filter_map(sighting::client_note)
        .map(|(address, host, time)| AddressNote {
            address,
            by: NamedBy::Pipe,
            host,
            first: time,
            last: time,
        })
        .collect();
    let names = Names::new(observations.addresses.iter().chain(&pipes), &hosts);
    let logons = Logons::new(&observations.logons, &hosts);
    let lookup = Lookup { hosts: &hosts, names: &names, logons: &logons };
    let mut sightings = Vec::new();
    let mut apart = Vec::new();
    for (position, alert) in alerts.iter().enumerate() {
        match Sighting::new(position, alert, lookup) {
            Some(sighting) => sightings.push(sighting),
            None => apart.push(position),
        }
    }
    let Assembled { drafts, mut unplaced } = assemble(sightings);
    unplaced.extend(apart);
    unplaced.sort_unstable();
    let mut hops: Vec<Hop> = drafts.iter().filter_map(|draft| hop(draft, alerts, &hosts)).collect();
    let mut accounts = Accounts::new(&observations.presence, &hosts);
    add_uses(&mut accounts, &hops);
    hops.extend(context::candidates(&observations.remote_logons, &hosts, &names));
    hops.sort_by(order);
    let (hops, forest) = context::settle(hops, &accounts);
    Movement { hops, forest, unplaced }
}

/// Orders hops by time and then by what they are, so that the order of alerts does not matter.
fn order(one: &Hop, other: &Hop) -> std::cmp::Ordering {
    let key = |hop: &Hop| (hop.first, hop.last);
    key(one)
        .cmp(&key(other))
        .then_with(|| one.source.cmp(&other.source))
        .then_with(|| one.target.cmp(&other.target))
        .then_with(|| one.account.cmp(&other.account))
        .then_with(|| one.method.cmp(&other.method))
        .then_with(|| one.artefacts.cmp(&other.artefacts))
}

fn host_names(alerts: &[Alert], observations: &Observations) -> HostNames {
    let mut hosts = HostNames::default();
    for name in alerts.iter().flat_map(sighting::names_in) {
        hosts.add(&name);
    }
    for note in &observations.addresses {
        hosts.add(&note.host);
    }
    for host in observations.presence.covered.keys() {
        hosts.add(host);
    }
    hosts
}

/// An account that leaves a host, as that host's own records show, is there; so is one that has
/// arrived.
fn add_uses(accounts: &mut Accounts, hops: &[Hop]) {
    for hop in hops {
        let Some(account) = &hop.account else { continue };
        if let Place::Host(target) = &hop.target {
            accounts.add(target, account, hop.first);
        }
        if let Place::Host(source) = &hop.source
            && hop.seen_by.source
        {
            accounts.add(source, account, hop.first);
        }
    }
}

fn hop(draft: &Draft, alerts: &[Alert], hosts: &HostNames) -> Option<Hop> {
    let sightings = &draft.sightings;
    let mut hop = Hop {
        source: draft.source.clone(),
        target: draft.target.clone(),
        source_address: sightings.iter().find_map(|sighting| sighting.source_address),
        target_address: sightings.iter().find_map(|sighting| sighting.target_address),
        source_named_by: None,
        account: draft.account.clone(),
        method: sightings.iter().filter_map(|sighting| sighting.method).max()?,
        is_context: false,
        sessions: sightings.iter().filter_map(|sighting| sighting.session).collect(),
        first: draft.first(),
        last: draft.last(),
        artefacts: Artefacts::default(),
        behaviours: BTreeSet::new(),
        severity: Severity::Informational,
        confidence: Confidence::Low,
        reasons: BTreeSet::new(),
        seen_by: Ends::default(),
        alerts: Vec::new(),
        evidence: Vec::new(),
    };
    // The name is as good as the best record that gives it; one that needs no looking up is best.
    if sightings.iter().all(|sighting| !is_named(sighting, &hop.source)) {
        hop.source_named_by = sightings.iter().filter_map(|sighting| sighting.source_by).min();
    }
    for sighting in sightings {
        hop.artefacts.merge(&sighting.artefacts);
        hop.behaviours.extend(sighting.behaviours.iter().cloned());
        if let Some(alert) = alerts.get(sighting.alert) {
            hop.severity = hop.severity.max(alert.severity);
            hop.evidence.extend(alert.evidence.iter().cloned());
            see(&mut hop, &sighting::observers(alert, hosts));
        }
        hop.alerts.push(sighting.alert);
    }
    hop.alerts.sort_unstable();
    hop.evidence.sort_by(Evidence::by_place);
    hop.evidence.dedup();
    // Its alerts share most of their records.
    hop.evidence.shrink_to_fit();
    judge(&mut hop, draft);
    Some(hop)
}

fn is_named(sighting: &Sighting, source: &Place) -> bool {
    sighting.source == *source && sighting.source_by.is_none()
}

fn see(hop: &mut Hop, observers: &BTreeSet<Arc<str>>) {
    let is_seen = |place: &Place| matches!(place, Place::Host(host) if observers.contains(host));
    hop.seen_by.source |= is_seen(&hop.source);
    hop.seen_by.target |= is_seen(&hop.target);
}

/// Says how far a hop can be relied on, and why.
fn judge(hop: &mut Hop, draft: &Draft) {
    let mut reasons = BTreeSet::new();
    if !hop.source.is_known() {
        reasons.insert("source unknown");
    }
    if hop.account.is_none() {
        reasons.insert("account unknown");
    }
    if hop.seen_by.source && hop.seen_by.target {
        reasons.insert("seen on both ends");
    }
    if draft.sightings.iter().any(|sighting| sighting.is_by_session) {
        reasons.insert("logon session names the source");
    }
    if hop.source_named_by == Some(NamedBy::Client) {
        reasons.insert("source named by the client itself");
    }
    if draft.by_time > 0 {
        reasons.insert("some traces joined by time alone");
    }
    let kinds: BTreeSet<Method> =
        draft.sightings.iter().filter_map(|sighting| sighting.method).collect();
    if kinds.len() > 1 {
        reasons.insert("several kinds of traces agree");
    }
    let is_certain = hop.account.is_some()
        && (kinds.len() > 1 || hop.seen_by == Ends { source: true, target: true })
        && hop.severity > Severity::Informational;
    hop.confidence = match (hop.source.is_known() && hop.target.is_known(), is_certain) {
        (false, _) => Confidence::Low,
        (true, false) => Confidence::Medium,
        (true, true) => Confidence::High,
    };
    hop.reasons = reasons;
}
