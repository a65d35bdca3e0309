//! Chains of hops.

use lateral::{
    Account, Link, Observations, Place, Presence, Start, fan_outs, origins, paths, reach, trace,
};

use crate::fixture::{MINUTE, access, all_paths};

fn host(name: &str) -> Place {
    Place::Host(name.into())
}

#[test]
fn a_chain_is_one_path_and_a_dead_end_another() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        access(2 * MINUTE, "ws-1", "printer", "amy"),
        access(3 * MINUTE, "srv-1", "srv-2", "amy"),
        access(4 * MINUTE, "srv-2", "dc-1", "amy"),
    ];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(all_paths(&movement), ["ws-1 > srv-1 > srv-2 > dc-1", "ws-1 > printer"]);
    let origins = origins(&movement);
    assert_eq!((origins[0].place.clone(), origins[0].spread), (host("ws-1"), 4));
    assert_eq!(origins.len(), 1);
}

#[test]
fn who_has_left_before_did_not_come_that_way() {
    let alerts = [
        access(MINUTE, "srv-1", "srv-2", "amy"),
        access(2 * MINUTE, "ws-1", "srv-1", "amy"),
        // At the very time of an arrival nobody has come that way either.
        access(2 * MINUTE, "srv-1", "srv-3", "amy"),
    ];
    let movement = trace(&alerts, &Observations::default());
    let mut paths = all_paths(&movement);
    paths.sort();
    assert_eq!(paths, ["srv-1 > srv-2", "srv-1 > srv-3", "ws-1 > srv-1"]);
}

#[test]
fn another_account_goes_on_only_if_it_could_be_had() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        access(9 * MINUTE, "srv-1", "srv-2", "svc-backup"),
    ];
    let named = |name: &str| Account { name: name.to_owned(), ..Account::default() };
    let with = |accounts: &[&str]| {
        let mut presence = Presence::default();
        presence.covered.insert("srv-1".to_owned(), (0, 20 * MINUTE));
        for name in accounts {
            presence.first_seen.insert(("srv-1".to_owned(), named(name)), 5 * MINUTE);
        }
        trace(&alerts, &Observations { presence, ..Observations::default() })
    };
    let obtained = with(&["svc-backup"]);
    assert_eq!(paths(&obtained, 9)[0].links, [Link::Obtained]);
    let never_there = with(&["bob"]);
    assert_eq!(all_paths(&never_there), ["ws-1 > srv-1", "srv-1 > srv-2"]);
    let unrecorded = trace(&alerts, &Observations::default());
    assert_eq!(paths(&unrecorded, 9)[0].links, [Link::Unknown]);
}

#[test]
fn of_two_ways_in_the_one_with_the_same_account_is_taken() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        access(2 * MINUTE, "ws-2", "srv-1", "bob"),
        access(3 * MINUTE, "srv-1", "srv-2", "amy"),
    ];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(all_paths(&movement), ["ws-1 > srv-1 > srv-2", "ws-2 > srv-1"]);
}

#[test]
fn a_local_account_of_the_same_name_is_the_same_credential() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", r"srv-1\administrator"),
        access(2 * MINUTE, "srv-1", "srv-2", r"srv-2\administrator"),
    ];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(paths(&movement, 9)[0].links, [Link::SameAccount]);
}

#[test]
fn reach_follows_time() {
    let alerts = [
        access(MINUTE, "b", "c", "x"),
        access(2 * MINUTE, "a", "b", "x"),
        access(3 * MINUTE, "b", "d", "y"),
        access(4 * MINUTE, "d", "a", "y"),
    ];
    let movement = trace(&alerts, &Observations::default());
    let names = |start: &Start| {
        reach(&movement, start).iter().map(|arrival| arrival.place.short()).collect::<Vec<_>>()
    };
    assert_eq!(names(&Start::Place(host("a"), 0)), ["b", "d"]);
    assert_eq!(names(&Start::Place(host("b"), 2 * MINUTE)), ["d", "a"]);
    let y = Account { name: "y".to_owned(), ..Account::default() };
    assert_eq!(names(&Start::Account(y)), ["d", "a"]);
}

#[test]
fn fan_out_counts_distinct_targets_in_a_window() {
    let targets = ["t1", "t2", "t3", "t1"];
    let mut alerts: Vec<_> = (1i64..)
        .zip(targets)
        .map(|(n, target)| access(n * MINUTE, "ws-1", target, "amy"))
        .collect();
    alerts.push(access(90 * MINUTE, "ws-1", "t9", "amy"));
    let movement = trace(&alerts, &Observations::default());
    let found = fan_outs(&movement.hops, 10 * MINUTE, 2);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].targets, found[0].first, found[0].last), (3, MINUTE, 3 * MINUTE));
    assert!(fan_outs(&movement.hops, 10 * MINUTE, 4).is_empty());
}
