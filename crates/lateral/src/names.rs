//! Whose address an address was, at a time, by what the logs say.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use kql_types::Ticks;

use crate::host_names::HostNames;

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
    notes: BTreeMap<IpAddr, Vec<Note>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Note {
    by: NamedBy,
    host: Arc<str>,
    first: Ticks,
    last: Ticks,
}

impl Names {
    pub(crate) fn new<'a>(
        notes: impl IntoIterator<Item = &'a AddressNote>,
        hosts: &HostNames,
    ) -> Self {
        let mut by_address: BTreeMap<IpAddr, Vec<Note>> = BTreeMap::new();
        for note in notes {
            let Some(host) = hosts.canonical(&note.host) else { continue };
            let known = Note { by: note.by, host, first: note.first, last: note.last };
            by_address.entry(note.address).or_default().push(known);
        }
        for notes in by_address.values_mut() {
            notes.sort();
        }
        Self { notes: by_address }
    }

    /// Tells whether any record says whose the address was.
    pub(crate) fn knows(&self, address: IpAddr) -> bool {
        self.notes.contains_key(&address)
    }

    /// Returns whose address it was at that time; `None` if no record tells, or if records of the
    /// kind that is trusted most contradict each other.
    pub(crate) fn host(&self, address: IpAddr, time: Ticks) -> Option<(Arc<str>, NamedBy)> {
        let notes = self.notes.get(&address)?;
        let of_kind = |by| move |note: &&Note| note.by == by;
        let best = notes.first()?.by;
        let first = notes.iter().find(of_kind(best))?;
        if notes.iter().filter(of_kind(best)).all(|note| note.host == first.host) {
            return Some((Arc::clone(&first.host), best));
        }
        // What clients say of themselves is not worth weighing.
        if best == NamedBy::Client {
            return None;
        }
        let nearest = notes.iter().filter(of_kind(best)).map(|note| (note.distance(time), note));
        let (distance, nearest) = nearest.min_by_key(|(distance, _)| *distance)?;
        let rivals = notes.iter().filter(of_kind(best));
        let has_rival = rivals
            .filter(|note| note.distance(time) == distance)
            .any(|note| note.host != nearest.host);
        (distance <= LEASE && !has_rival).then(|| (Arc::clone(&nearest.host), best))
    }
}

impl Note {
    /// Returns how far a time is from those at which it was seen.
    fn distance(&self, time: Ticks) -> Ticks {
        self.first.saturating_sub(time).max(time.saturating_sub(self.last)).max(0)
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
}
