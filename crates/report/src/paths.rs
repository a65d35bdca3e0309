//! Hops and paths as graphs: for graph tools, for pages and for documents.
//!
//! Nodes are places, numbered in the order in which hops name them; edges are hops, in order of time.

pub(crate) mod dot;
pub(crate) mod graphml;
pub(crate) mod lines;
pub(crate) mod mermaid;

use std::collections::BTreeMap;

use lateral::{Hop, NamedBy, Place};

pub(crate) use crate::cell::to_second;

/// The places of hops, numbered.
pub(crate) struct Nodes<'a> {
    /// In order of their numbers.
    pub(crate) places: Vec<&'a Place>,
    numbers: BTreeMap<&'a Place, usize>,
}

impl<'a> Nodes<'a> {
    pub(crate) fn new(hops: &'a [Hop]) -> Self {
        Self::of(hops.iter())
    }

    pub(crate) fn of(hops: impl Iterator<Item = &'a Hop>) -> Self {
        let mut this = Self { places: Vec::new(), numbers: BTreeMap::new() };
        for place in hops.flat_map(|hop| [&hop.source, &hop.target]) {
            let next = this.places.len();
            if *this.numbers.entry(place).or_insert(next) == next {
                this.places.push(place);
            }
        }
        this
    }

    /// Returns a place's number.
    pub(crate) fn number(&self, place: &Place) -> usize {
        self.numbers.get(place).copied().unwrap_or_default()
    }
}

/// Returns a place as people read it.
pub(crate) fn label(place: &Place) -> String {
    match place {
        Place::Unknown => "unknown source".to_owned(),
        known => known.to_string(),
    }
}

/// Returns a hop's source in short; with its address where nothing but the client itself says how it is
/// called, which may be anything.
pub(crate) fn source(hop: &Hop) -> String {
    let name = hop.source.short();
    match hop.source_address.filter(|_| hop.source_named_by == Some(NamedBy::Client)) {
        Some(address) => format!("{name} ({address})"),
        None => name,
    }
}

/// Returns the account, or `?`.
pub(crate) fn account(hop: &Hop) -> String {
    hop.account.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)
}
