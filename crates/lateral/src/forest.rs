//! Which hop led to which: to each hop, the one by which the intruder most likely came to where it
//! starts.
//!
//! A hop can lead to another only if it arrives there before the other leaves, and if the account of
//! the other is one that it brought or could have found there.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use kql_types::Ticks;

use crate::{
    account::Account,
    hop::Hop,
    place::Place,
    presence::{Accounts, Seen},
    same_account::{Form, forms_like, forms_of},
};

/// Why the account of a hop was at hand where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// It is the one that was used to come there.
    SameAccount,
    /// It was seen there before: its credentials could be had.
    Obtained,
    /// Records that would tell are not there, or the account is not known.
    Unknown,
}

impl Link {
    /// Returns what it is, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameAccount => "same account",
            Self::Obtained => "account seen on the host before",
            Self::Unknown => "where the account comes from is not recorded",
        }
    }
}

/// For each hop, by its place in the list of hops, the hop before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forest {
    parents: Vec<Option<(usize, Link)>>,
    children: BTreeMap<usize, Vec<usize>>,
}

impl Forest {
    /// Finds the hop before each hop; `hops` are in order of time.
    ///
    /// Of several the one with the better [`Link`], and of those the last. Costs `n log n`.
    pub(crate) fn grow(hops: &[Hop], accounts: &Accounts) -> Self {
        let mut arrivals: BTreeMap<&Place, Arrivals> = BTreeMap::new();
        let mut by_context: BTreeMap<&Place, Arrivals> = BTreeMap::new();
        let mut this = Self { parents: Vec::with_capacity(hops.len()), children: BTreeMap::new() };
        for group in same_time(hops) {
            // Who leaves at the very time at which somebody arrives did not wait for it.
            for position in group.clone() {
                let parent = hops.get(position).and_then(|hop| {
                    let best = |arrivals: &BTreeMap<&Place, Arrivals>| {
                        arrivals.get(&hop.source)?.best(hop, accounts)
                    };
                    // What is context only joins what nothing else does, and by an account that was there.
                    let is_sure = |(_, link): &(usize, Link)| *link != Link::Unknown;
                    let by_alerts = best(&arrivals).filter(|link| !hop.is_context || is_sure(link));
                    by_alerts.or_else(|| best(&by_context).filter(is_sure))
                });
                if let Some((parent, _)) = parent {
                    this.children.entry(parent).or_default().push(position);
                }
                this.parents.push(parent);
            }
            for position in group {
                let Some(hop) = hops.get(position) else { continue };
                if hop.is_context && this.parent(position).is_some() {
                    by_context.entry(&hop.target).or_default().add(position, hop);
                } else if !hop.is_context && hop.target.is_known() {
                    arrivals.entry(&hop.target).or_default().add(position, hop);
                }
            }
        }
        this
    }

    /// Returns the hop before a hop, and why its account was at hand.
    pub fn parent(&self, hop: usize) -> Option<(usize, Link)> {
        self.parents.get(hop).copied().flatten()
    }

    /// Returns the hops that a hop led to, in order of time.
    pub fn children(&self, hop: usize) -> &[usize] {
        self.children.get(&hop).map_or(&[], Vec::as_slice)
    }

    /// Returns the hops that nothing is known to have led to, in order of time.
    pub fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        self.parents.iter().enumerate().filter(|(_, parent)| parent.is_none()).map(|(hop, _)| hop)
    }

    /// Returns the distinct places that each hop and those it led to, directly or not, reach: their
    /// number, by hop. Costs time in proportion to the hops and their depth.
    pub(crate) fn spread(&self, hops: &[Hop]) -> BTreeMap<usize, usize> {
        let mut root_of: Vec<usize> = Vec::with_capacity(self.parents.len());
        for (hop, parent) in self.parents.iter().enumerate() {
            let root = parent.and_then(|(parent, _)| root_of.get(parent).copied()).unwrap_or(hop);
            root_of.push(root);
        }
        let mut places: BTreeMap<usize, BTreeSet<&Place>> = BTreeMap::new();
        for (root, hop) in root_of.iter().zip(hops) {
            places.entry(*root).or_default().insert(&hop.target);
        }
        places.into_iter().map(|(root, places)| (root, places.len())).collect()
    }
}

/// Hops that have arrived at a place.
#[derive(Debug, Default)]
struct Arrivals {
    last: Option<usize>,
    /// The last hop of an account of each form.
    by_account: BTreeMap<Form, usize>,
    /// The last hop whose account is not known.
    nameless: Option<usize>,
}

impl Arrivals {
    fn add(&mut self, position: usize, hop: &Hop) {
        self.last = Some(position);
        let Some(account) = &hop.account else {
            self.nameless = Some(position);
            return;
        };
        for form in forms_of(account) {
            self.by_account.insert(form, position);
        }
    }

    /// Returns the hop after which `next` most likely left.
    fn best(&self, next: &Hop, accounts: &Accounts) -> Option<(usize, Link)> {
        let last = self.last?;
        let Some(account) = &next.account else { return Some((last, Link::Unknown)) };
        let same = same_credential(account, next).into_iter();
        if let Some(position) = same.filter_map(|form| self.by_account.get(&form)).max().copied() {
            return Some((position, Link::SameAccount));
        }
        if let Some(nameless) = self.nameless {
            return Some((nameless, Link::Unknown));
        }
        let Place::Host(host) = &next.source else { return Some((last, Link::Unknown)) };
        match accounts.seen(host, account, next.first) {
            Seen::Yes => Some((last, Link::Obtained)),
            Seen::Unknown => Some((last, Link::Unknown)),
            Seen::No => None,
        }
    }
}

/// Returns the forms of the accounts that are opened by the same password as that of the next hop.
///
/// Local accounts of the same name on different hosts often are, and their use in a row is how one
/// finds out.
fn same_credential(account: &Account, next: &Hop) -> Vec<Form> {
    let mut forms = forms_like(account);
    if !account.name.is_empty() && account.domain_label() == next.target.short() {
        forms.push(Form::Labelled(account.name.clone(), next.source.short()));
    }
    forms
}

/// Returns runs of hops that begin at the same time.
fn same_time(hops: &[Hop]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut time: Option<Ticks> = None;
    for (position, hop) in hops.iter().enumerate() {
        let end = position.saturating_add(1);
        match groups.last_mut().filter(|_| time == Some(hop.first)) {
            Some(group) => group.end = end,
            None => groups.push(position..end),
        }
        time = Some(hop.first);
    }
    groups
}
