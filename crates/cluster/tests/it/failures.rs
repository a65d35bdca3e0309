//! Workers that are gone, hang or lie: the same answer by the others, or an error that names them.

use std::{
    thread,
    time::{Duration, Instant},
};

use engine::{Cancel, EngineError};

use crate::made::{Made, Manner, Served, impostor};

const QUERY: &str = "WindowsEvent | summarize count() by EventID, Computer";

/// The longest that it may take to say that a worker is gone.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn what_one_does_not_read_is_read_by_another() {
    let made = Made::of_samples();
    let begun = Instant::now();
    let alone = made.rows(QUERY, None, &Cancel::default()).unwrap();
    // Before workers are asked, the query is planned, which takes as long as that at most.
    let told_within = TOLD_WITHIN.saturating_add(begun.elapsed());
    for manner in [Manner::Hang, Manner::BreakOff, Manner::Lie] {
        let (bad, good) = (impostor(manner), Served::start());
        let cluster = made.connect(vec![bad.clone(), good.url.clone()]).unwrap();
        let begun = Instant::now();
        let together = made.rows(QUERY, Some(&cluster), &Cancel::default()).unwrap();
        assert_eq!(together, alone);
        let told = cluster.told.lock().unwrap();
        let (text, when) = told.first().unwrap();
        assert!(text.contains(&bad), "{text}");
        assert!(when.duration_since(begun) < told_within, "{text}");
    }
}

#[test]
fn an_error_names_all_when_none_is_left() {
    let made = Made::of_samples();
    let bad = [Manner::BreakOff, Manner::Lie].map(impostor);
    let cluster = made.connect(bad.to_vec()).unwrap();
    let error = made.rows(QUERY, Some(&cluster), &Cancel::default()).unwrap_err();
    let EngineError::Workers { what } = &error else { panic!("{error:?}") };
    let is_named = bad.iter().any(|url| what.contains(url));
    assert!(is_named, "{what}");
}

#[test]
fn a_worker_that_does_not_see_the_lake_is_left_out() {
    let made = Made::of_samples();
    let other = Made::of_samples();
    let settings = crate::made::settings();
    let worker = cluster::Worker::new(crate::made::VERSION, settings, Vec::new());
    let blind = Served::of("http", worker.with_lake(other.address.clone()));
    let cluster = made.connect(vec![blind.url.clone()]).unwrap();
    let error = made.rows(QUERY, Some(&cluster), &Cancel::default()).unwrap_err().to_string();
    assert!(error.contains(&blind.url) && error.contains("only"), "{error}");
}

#[test]
fn a_run_that_is_cancelled_ends_though_a_worker_hangs() {
    let made = Made::of_samples();
    let cluster = made.connect(vec![impostor(Manner::Hang)]).unwrap();
    let cancel = Cancel::default();
    let (ended, begun) = thread::scope(|scope| {
        let run = scope.spawn(|| (made.rows(QUERY, Some(&cluster), &cancel), Instant::now()));
        let begun = Instant::now();
        cancel.cancel();
        let (outcome, ended) = run.join().unwrap();
        assert!(matches!(outcome, Err(EngineError::Cancelled)), "{outcome:?}");
        (ended, begun)
    });
    assert!(ended.saturating_duration_since(begun) < Duration::from_secs(2));
}
