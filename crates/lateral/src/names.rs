//! Whose address an address was, at a time, by what the logs say.

pub(crate) mod host_names;
pub(crate) mod nearest;

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use kql_types::Ticks;

use crate::names::{host_names::HostNames, nearest::Spans};

/// How a record ties an address to a host; what is trusted more comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// The host's own record, or its sensor's
    OwnRecord,
    /// The host's machine account, which logged on from there
    MachineAccount,
    /// A name server's answer
    Dns,
    /// A pipe that PsExec names after the host it runs on
    Pipe,
    /// The name that a client gave of itself when it logged on
    Client,
}

impl NamedBy {
    /// Returns what it is, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnRecord => "its own record",
            Self::MachineAccount => "a logon of its machine account",
            Self::Dns => "name resolution",
            Self::Pipe => "the name of PsExec's pipe",
            Self::Client => "the name the client gave",
        }
    }
}

/// That an address was a host's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressNote {
    /// The address.
    pub address: IpAddr,
    /// How it is known.
    pub by: NamedBy,
    /// The host's name as the record has it.
    pub host: String,
    /// When it was first seen to be so, and last.
    pub first: Ticks,
    /// See `first`.
    pub last: Ticks,
}

/// A lease of an address is taken to have lasted so long around a record, where others had it too.
const LEASE: Ticks = 12 * 36_000_000_000;

/// Notes by address, each with its host's one name.
#[derive(Debug)]
pub(crate) struct Names {
    notes: BTreeMap<IpAddr, Notes>,
}

/// The notes of one address: those of the kind that is trusted most.
#[derive(Debug)]
struct Notes {
    by: NamedBy,
    hosts: Vec<Arc<str>>,
    /// When the address was whose; a group for each of `hosts`.
    spans: Spans,
}

impl Names {
    pub(crate) fn new<'a>(
        notes: impl IntoIterator<Item = &'a AddressNote>,
        hosts: &HostNames,
    ) -> Self {
        let mut by_address: BTreeMap<IpAddr, BTreeMap<NamedBy, Vec<Note>>> = BTreeMap::new();
        for note in notes {
            let Some(host) = hosts.canonical(&note.host) else { continue };
            let known = Note { host, first: note.first, last: note.last };
            by_address.entry(note.address).or_default().entry(note.by).or_default().push(known);
        }
        let best = |kinds: BTreeMap<NamedBy, Vec<Note>>| {
            let (by, mut notes) = kinds.into_iter().next()?;
            notes.sort();
            Some(Notes::new(by, &notes))
        };
        let notes = by_address.into_iter();
        Self { notes: notes.filter_map(|(at, kinds)| Some((at, best(kinds)?))).collect() }
    }

    /// Tells whether any record says whose the address was.
    pub(crate) fn knows(&self, address: IpAddr) -> bool {
        self.notes.contains_key(&address)
    }

    /// Returns whose address it was at that time; `None` if no record tells, or if records of the
    /// kind that is trusted most contradict each other.
    pub(crate) fn host(&self, address: IpAddr, time: Ticks) -> Option<(Arc<str>, NamedBy)> {
        let Notes { by, hosts, spans } = self.notes.get(&address)?;
        if let [only] = hosts.as_slice() {
            return Some((Arc::clone(only), *by));
        }
        // What clients say of themselves is not worth weighing.
        if *by == NamedBy::Client {
            return None;
        }
        let near = spans.nearest(time)?;
        let is_certain = near.distance <= LEASE && near.rival != Some(near.distance);
        let host = hosts.get(near.item).filter(|_| is_certain)?;
        Some((Arc::clone(host), *by))
    }
}

/// That an address was a host's, at a time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Note {
    host: Arc<str>,
    first: Ticks,
    last: Ticks,
}

impl Notes {
    /// Makes the notes of one kind ready; they are in order of hosts.
    fn new(by: NamedBy, notes: &[Note]) -> Self {
        let mut this = Self { by, hosts: Vec::new(), spans: Spans::default() };
        for note in notes {
            if this.hosts.last() != Some(&note.host) {
                this.hosts.push(Arc::clone(&note.host));
            }
            let host = this.hosts.len().saturating_sub(1);
            this.spans.add(host, host, note.first, note.last);
        }
        this.spans.settle();
        this
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use super::*;

    const HOUR: Ticks = 36_000_000_000;

    fn note(by: NamedBy, host: &str, hour: Ticks) -> AddressNote {
        let time = hour * HOUR;
        let address = "10.0.0.5".parse().unwrap();
        AddressNote { address, by, host: host.to_owned(), first: time, last: time }
    }

    fn host(notes: &[AddressNote], hour: Ticks) -> Option<String> {
        let names = Names::new(notes, &HostNames::default());
        let found = names.host("10.0.0.5".parse().unwrap(), hour * HOUR);
        found.map(|(host, _)| host.to_string())
    }

    #[test]
    fn an_address_that_only_one_host_had_is_that_hosts() {
        let notes = [note(NamedBy::Client, "WS-1", 0), note(NamedBy::Client, "ws-1", 9)];
        assert_eq!(host(&notes, 1_000).as_deref(), Some("ws-1"));
        assert_eq!(host(&[], 0), None);
    }

    #[test]
    fn an_address_passes_from_host_to_host() {
        let notes = [note(NamedBy::OwnRecord, "ws-1", 0), note(NamedBy::OwnRecord, "ws-2", 100)];
        assert_eq!(host(&notes, 3).as_deref(), Some("ws-1"));
        assert_eq!(host(&notes, 98).as_deref(), Some("ws-2"));
        assert_eq!(host(&notes, 50), None, "both are too long ago or too far ahead");
    }

    #[test]
    fn a_hosts_own_record_outweighs_what_a_client_says() {
        let notes = [note(NamedBy::Client, "kali", 5), note(NamedBy::OwnRecord, "ws-1", 0)];
        assert_eq!(host(&notes, 5).as_deref(), Some("ws-1"));
        let notes = [note(NamedBy::Client, "kali", 5), note(NamedBy::Client, "other", 5)];
        assert_eq!(host(&notes, 5), None);
    }

    #[test]
    fn whose_an_address_was_costs_the_logarithm_of_its_notes() {
        // A small pool of addresses that hosts take turns with, over years.
        let work = |count: i64| {
            let host = |hour: i64| if hour % 2 == 0 { "ws-1" } else { "ws-2" };
            let notes: Vec<AddressNote> =
                (0..count).map(|hour| note(NamedBy::OwnRecord, host(hour), hour)).collect();
            let names = Names::new(&notes, &HostNames::default());
            crate::names::nearest::work::take();
            for hour in 0..count {
                let found = names.host("10.0.0.5".parse().unwrap(), hour * HOUR).unwrap();
                assert_eq!(&*found.0, host(hour));
            }
            crate::names::nearest::work::take()
        };
        let (few, many) = (work(1_000), work(8_000));
        assert!(many <= few * 12, "{few} for a thousand, {many} for eight");
    }
}
