//! Processes that share a list take its pieces in turn, and those of one that has ended, too.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
    thread,
    time::Duration,
};

use kql_types::timespan;
use lake::{LakeError, Lease, Turn, Turns};

use crate::made::Made;

const TERM: Duration = Duration::from_secs(30);

fn taken(turn: Turn) -> Lease {
    match turn {
        Turn::Take(lease) => lease,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_piece_is_taken_once_and_again_when_its_owner_has_ended() {
    let made = Made::new();
    let lake = made.open();
    let time = AtomicI64::new(0);
    let now = || time.load(Ordering::Relaxed);
    let of = |owner: &str| Turns::new(&lake, "list", 2, owner.to_owned(), TERM, &now);
    let (one, other) = (of("one"), of("other"));
    let lost = taken(one.next().unwrap());
    let kept = taken(other.next().unwrap());
    assert_eq!((lost.piece, kept.piece), (0, 1));
    assert_eq!(other.next().unwrap(), Turn::Wait);
    other.hold(&kept, || Ok::<_, LakeError>(())).unwrap();
    // `one` has ended: nobody renews its lease.
    time.store(29 * timespan::SECOND, Ordering::Relaxed);
    assert_eq!(other.next().unwrap(), Turn::Wait);
    time.store(31 * timespan::SECOND, Ordering::Relaxed);
    let again = taken(other.next().unwrap());
    assert_eq!(again.piece, 0);
    assert_eq!(of("third").next().unwrap(), Turn::Wait, "one of them is enough");
    other.hold(&again, || Ok::<_, LakeError>(())).unwrap();
    assert_eq!(one.next().unwrap(), Turn::Done);
    let next = Turns::new(&lake, "another list", 2, "one".to_owned(), TERM, &now).next().unwrap();
    assert_eq!(taken(next).piece, 0);
}

#[test]
fn a_piece_whose_work_failed_is_not_done() {
    let made = Made::new();
    let lake = made.open();
    let time = AtomicI64::new(0);
    let now = || time.load(Ordering::Relaxed);
    let turns = Turns::new(&lake, "list", 1, "one".to_owned(), TERM, &now);
    let lease = taken(turns.next().unwrap());
    let failed = || Err::<(), _>(LakeError::Internal { invariant: "a test fails" });
    assert!(turns.hold(&lease, failed).is_err());
    time.store(31 * timespan::SECOND, Ordering::Relaxed);
    assert_eq!(taken(turns.next().unwrap()).piece, 0);
}

#[test]
fn a_lease_is_renewed_as_long_as_its_piece_takes() {
    let made = Made::new();
    let lake = made.open();
    let time = AtomicI64::new(0);
    let now = || time.load(Ordering::Relaxed);
    let term = Duration::from_millis(30);
    let of = |owner: &str| Turns::new(&lake, "list", 1, owner.to_owned(), term, &now);
    let (one, other) = (of("one"), of("other"));
    let lease = taken(one.next().unwrap());
    let leases = made.path().join("_lease").read_dir().unwrap().next().unwrap().unwrap().path();
    let until = || {
        let said = std::fs::read(leases.join("0.1")).unwrap();
        // It may be half written: then it is looked at again.
        let said = serde_json::from_slice::<serde_json::Value>(&said).ok()?;
        said["until"].as_i64()
    };
    let milliseconds = |count: i64| count * timespan::MILLISECOND;
    one.hold(&lease, || {
        time.store(milliseconds(20), Ordering::Relaxed);
        while until() != Some(milliseconds(50)) {
            thread::yield_now();
        }
        time.store(milliseconds(40), Ordering::Relaxed);
        assert_eq!(other.next()?, Turn::Wait);
        Ok::<_, LakeError>(())
    })
    .unwrap();
    assert_eq!(other.next().unwrap(), Turn::Done);
}

#[test]
fn many_at_a_time_take_each_piece_once() {
    let made = Made::new();
    let lake = made.open();
    let now = || 0;
    let take = |owner: usize| {
        let turns = Turns::new(&lake, "list", 12, owner.to_string(), TERM, &now);
        let mut pieces = Vec::new();
        loop {
            match turns.next().unwrap() {
                Turn::Take(lease) => {
                    turns.hold(&lease, || Ok::<_, LakeError>(())).unwrap();
                    pieces.push(lease.piece);
                }
                Turn::Wait => thread::yield_now(),
                Turn::Done => return pieces,
            }
        }
    };
    let all: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|owner| scope.spawn(move || take(owner))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let different: BTreeSet<usize> = all.iter().copied().collect();
    assert_eq!((all.len(), different.len()), (12, 12), "{all:?}");
}
