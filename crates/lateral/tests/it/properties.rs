//! What holds of any alerts.

use std::sync::Arc;

use detection::alert::Alert;
use lateral::{Observations, Place, Start, paths, reach, trace};
use proptest::prelude::*;

use crate::fixture::{MINUTE, access, alert, lines};

/// Accesses among few hosts and accounts, so that they meet.
fn accesses() -> impl Strategy<Value = Vec<Alert>> {
    let one =
        (0i64..300, 0usize..7, 0usize..7, 0usize..3).prop_map(|(minute, from, to, account)| {
            let time = minute * MINUTE;
            let (from, to) = (format!("h{from}"), format!("h{to}"));
            let account = ["amy", "bob", ""][account];
            match minute % 4 {
                0 => alert(
                    time,
                    "B11",
                    &[
                        ("DeviceName", &to),
                        ("TargetDevice", &to),
                        ("ServiceName", "svc-of-somebody"),
                    ],
                ),
                _ => access(time, &from, &to, account),
            }
        });
    prop::collection::vec(one, 0..60)
}

/// As a hunt hands them on: in order of time.
fn in_order(mut alerts: Vec<Alert>) -> Vec<Alert> {
    alerts.sort_by_key(|alert| alert.time);
    alerts
}

proptest! {
    #[test]
    fn no_path_goes_back_in_time(alerts in accesses()) {
        let movement = trace(&in_order(alerts), &Observations::default());
        for path in paths(&movement, usize::MAX) {
            for pair in path.hops.windows(2) {
                let (one, next) = (&movement.hops[pair[0]], &movement.hops[pair[1]]);
                prop_assert!(one.first < next.first);
                prop_assert_eq!(&one.target, &next.source);
            }
        }
    }

    #[test]
    fn every_hop_is_on_a_path_and_every_alert_is_accounted_for(alerts in accesses()) {
        let movement = trace(&in_order(alerts.clone()), &Observations::default());
        let mut on_paths: Vec<usize> =
            paths(&movement, usize::MAX).into_iter().flat_map(|path| path.hops).collect();
        on_paths.sort_unstable();
        on_paths.dedup();
        prop_assert_eq!(on_paths, (0..movement.hops.len()).collect::<Vec<_>>());
        let mut accounted: Vec<usize> = movement.hops.iter().flat_map(|hop| hop.alerts.clone()).collect();
        accounted.extend(&movement.unplaced);
        accounted.sort_unstable();
        prop_assert_eq!(accounted, (0..alerts.len()).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_alerts_does_not_matter((alerts, shuffled) in accesses().prop_flat_map(|alerts| {
        let shuffled = Just(alerts.clone()).prop_shuffle();
        (Just(alerts), shuffled)
    })) {
        let one = trace(&alerts, &Observations::default());
        let other = trace(&shuffled, &Observations::default());
        prop_assert_eq!(lines(&one), lines(&other));
        let parents = |movement: &lateral::Movement| {
            (0..movement.hops.len()).map(|hop| movement.forest.parent(hop)).collect::<Vec<_>>()
        };
        prop_assert_eq!(parents(&one), parents(&other));
    }

    #[test]
    fn where_records_lie_does_not_matter(alerts in accesses(), parts in 1u64..5) {
        let split: Vec<Alert> = alerts
            .iter()
            .cloned()
            .map(|mut alert| {
                for record in &mut alert.evidence {
                    Arc::make_mut(&mut record.origin).file = format!("part{}.evtx", record.line % parts);
                }
                alert
            })
            .collect();
        let one = trace(&alerts, &Observations::default());
        let other = trace(&split, &Observations::default());
        prop_assert_eq!(lines(&one), lines(&other));
    }

    #[test]
    fn reach_is_what_a_search_of_all_chains_finds(alerts in accesses(), start in 0usize..7) {
        let movement = trace(&in_order(alerts), &Observations::default());
        let start = Place::Host(format!("h{start}").into());
        let mut found: Vec<Place> = Vec::new();
        let mut ways = vec![(start.clone(), i64::MIN)];
        let mut tried = std::collections::BTreeSet::new();
        while let Some((place, time)) = ways.pop() {
            for (position, hop) in movement.hops.iter().enumerate() {
                if hop.source == place && hop.first > time && hop.target.is_known()
                    && tried.insert((position, time)) {
                    found.push(hop.target.clone());
                    ways.push((hop.target.clone(), hop.first));
                }
            }
        }
        found.sort();
        found.dedup();
        found.retain(|place| *place != start);
        let mut reached: Vec<Place> =
            reach(&movement, &Start::Place(start, 0)).into_iter().map(|arrival| arrival.place).collect();
        reached.sort();
        prop_assert_eq!(reached, found);
    }
}

#[test]
fn many_hops_are_traced() {
    let hosts = 2_000i64;
    let alerts: Vec<Alert> = (0..10_000i64)
        .map(|n| {
            let (from, to) = (n * 7 % hosts, (n * 13 + 5) % hosts);
            let account = format!("account{}", n % 17);
            access(n * MINUTE, &format!("h{from}"), &format!("h{to}"), &account)
        })
        .collect();
    let movement = trace(&alerts, &Observations::default());
    assert!(movement.hops.len() > 9_000, "{}", movement.hops.len());
    assert_eq!(paths(&movement, 100).len(), 100);
}
