//! One hop for each way that something was started in a run of activity.

use std::collections::BTreeMap;

use kql_types::Ticks;

use super::draft::Draft;
use crate::{
    hop::method::{Family, Method},
    sighting::Sighting,
};

/// Splits a draft by families of methods.
///
/// Looking at shares and copying files is part of what comes of it: such traces go to the
/// execution nearest in time, and are a hop of their own only where nothing was started.
pub(super) fn split(draft: Draft) -> Vec<Draft> {
    // smbexec redirects its output as wmiexec does.
    let is_smbexec =
        draft.sightings.iter().any(|sighting| sighting.method == Some(Method::Smbexec));
    let family = |sighting: &Sighting| match sighting.method {
        Some(Method::Wmiexec) if is_smbexec => Family::Service,
        Some(method) => method.family(),
        None => Family::Access,
    };
    let mut parts: BTreeMap<Family, Vec<Sighting>> = BTreeMap::new();
    let (accesses, executions): (Vec<_>, Vec<_>) =
        draft.sightings.into_iter().partition(|sighting| family(sighting) == Family::Access);
    for sighting in executions {
        parts.entry(family(&sighting)).or_default().push(sighting);
    }
    let mut times: Vec<(Ticks, Family)> = parts
        .iter()
        .flat_map(|(family, part)| part.iter().map(|sighting| (sighting.time, *family)))
        .collect();
    times.sort_unstable();
    for sighting in accesses {
        let family = nearest(&times, sighting.time).unwrap_or(Family::Access);
        parts.entry(family).or_default().push(sighting);
    }
    let part = |mut sightings: Vec<Sighting>| {
        sightings.sort();
        Draft {
            source: draft.source.clone(),
            target: draft.target.clone(),
            account: draft.account.clone(),
            sightings,
            by_time: draft.by_time,
        }
    };
    parts.into_values().map(part).collect()
}

/// Returns the family of the execution nearest to a time; the earlier of two.
fn nearest(times: &[(Ticks, Family)], time: Ticks) -> Option<Family> {
    let after = times.partition_point(|(at, _)| *at < time);
    let neighbours = [after.checked_sub(1), Some(after)].into_iter().flatten();
    let nearest = neighbours.filter_map(|at| times.get(at)).min_by_key(|(at, _)| at.abs_diff(time));
    nearest.map(|(_, family)| *family)
}
