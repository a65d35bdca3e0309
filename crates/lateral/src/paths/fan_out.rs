//! Who reached many hosts in a short time.

use std::collections::BTreeMap;

use kql_types::Ticks;

use crate::{account::Account, hop::Hop, place::Place};

/// A burst of hops from one place in one account's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FanOut {
    /// From where.
    pub source: Place,
    /// In whose name.
    pub account: Option<Account>,
    /// The most distinct places reached within the window.
    pub targets: usize,
    /// When the densest window begins and ends: its first and last hop.
    pub first: Ticks,
    /// See `first`.
    pub last: Ticks,
}

/// Returns, for each source and account, the densest window of so many ticks, if at least
/// `at_least` places were reached in it; the widest first. Costs `n log n`; `hops` are in order of
/// time.
pub fn fan_outs(hops: &[Hop], window: Ticks, at_least: usize) -> Vec<FanOut> {
    let mut by_start: BTreeMap<(&Place, &Option<Account>), Vec<&Hop>> = BTreeMap::new();
    for hop in hops.iter().filter(|hop| hop.source.is_known()) {
        by_start.entry((&hop.source, &hop.account)).or_default().push(hop);
    }
    let mut found: Vec<FanOut> = by_start
        .into_iter()
        .filter_map(|((source, account), hops)| {
            let (targets, first, last) = densest(&hops, window)?;
            let account = account.clone();
            Some(FanOut { source: source.clone(), account, targets, first, last })
        })
        .filter(|fan_out| fan_out.targets >= at_least)
        .collect();
    found.sort_by_key(|fan_out| (std::cmp::Reverse(fan_out.targets), fan_out.first));
    found
}

/// Slides the window over the hops.
fn densest(hops: &[&Hop], window: Ticks) -> Option<(usize, Ticks, Ticks)> {
    let mut inside: BTreeMap<&Place, usize> = BTreeMap::new();
    let mut start = 0usize;
    let mut best: Option<(usize, Ticks, Ticks)> = None;
    for hop in hops {
        let count = inside.entry(&hop.target).or_default();
        *count = count.saturating_add(1);
        while let Some(oldest) =
            hops.get(start).filter(|oldest| hop.first.saturating_sub(oldest.first) > window)
        {
            if let Some(count) = inside.get_mut(&oldest.target) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    inside.remove(&oldest.target);
                }
            }
            start = start.saturating_add(1);
        }
        if best.is_none_or(|(targets, ..)| inside.len() > targets) {
            let first = hops.get(start).map_or(hop.first, |oldest| oldest.first);
            best = Some((inside.len(), first, hop.first));
        }
    }
    best
}
