//! Attempts at a test: which of the records that fit its signals belong together.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use kql_types::Ticks;

use crate::alert::Evidence;

use super::{
    binding::Bindings,
    hit::{Hit, Place},
    plan::LabTest,
};

const TICKS_PER_SECOND: Ticks = 10_000_000;

/// How long before what it is known by an attempt may have begun: a logon precedes the access, and
/// clocks differ.
pub(super) const LEAD: Ticks = 30 * TICKS_PER_SECOND;

/// One time that a test was run.
#[derive(Clone, Debug)]
pub(super) struct Attempt<'h> {
    pub(super) bindings: Bindings,
    /// The time of the record that it is known by.
    pub(super) known_from: Ticks,
    /// The signal that it is known by.
    pub(super) known_by: usize,
    /// That signal is the first by which it could be known.
    pub(super) is_certain: bool,
    /// The records, by signal and event, in order of time.
    pub(super) hits: BTreeMap<(usize, usize), Vec<&'h Hit>>,
}

impl Attempt<'_> {
    /// Returns the times of its first and its last record.
    pub(super) fn span(&self) -> (Ticks, Ticks) {
        let times = || self.hits.values().flatten().map(|hit| hit.time);
        (times().min().unwrap_or(self.known_from), times().max().unwrap_or(self.known_from))
    }

    /// Returns from when to when something may belong to it.
    pub(super) fn window(&self, test: &LabTest) -> (Ticks, Ticks) {
        let within = Ticks::from(test.within).saturating_mul(TICKS_PER_SECOND);
        (self.known_from.saturating_sub(LEAD), self.known_from.saturating_add(within))
    }

    /// Returns the number of signals of which it has a record.
    pub(super) fn found(&self) -> usize {
        let signals: BTreeSet<usize> = self.hits.keys().map(|(signal, _)| *signal).collect();
        signals.len()
    }

    fn distance(&self, hit: &Hit) -> Ticks {
        hit.time.abs_diff(self.known_from).try_into().unwrap_or(Ticks::MAX)
    }
}

/// Finds the attempts at a test, in order of time.
///
/// The first of the signals that begin an attempt of which there is any record decides how many attempts
/// there were. Each other record belongs to the attempt that is nearest in time, among those that it does
/// not contradict as to hosts and addresses.
pub(super) fn find<'h>(
    test: &LabTest,
    number: usize,
    given: &Bindings,
    by_place: &BTreeMap<Place, &'h [Hit]>,
) -> Vec<Attempt<'h>> {
    let of_signal = |signal: usize| -> Vec<((usize, usize), &'h Hit)> {
        let of_test = by_place.range((number, signal, 0)..=(number, signal, usize::MAX));
        of_test
            .flat_map(|((_, signal, event), hits)| {
                hits.iter().map(move |hit| ((*signal, *event), hit))
            })
            .filter(|(_, hit)| hit.bindings.united(given).is_some())
            .collect()
    };
    let mut attempts: Vec<Attempt<'h>> = Vec::new();
    let mut known_by = None;
    let beginners = test.signals().enumerate().filter(|(_, signal)| signal.begins);
    for (rank, (signal, _)) in beginners.enumerate() {
        let mut beginning = of_signal(signal);
        if beginning.is_empty() {
            continue;
        }
        beginning.sort_by(|(_, one), (_, other)| by_time(one, other));
        for (place, hit) in beginning {
            begin(&mut attempts, test, given, (place, hit), rank == 0);
        }
        known_by = Some(signal);
        break;
    }
    let others: Vec<_> = (0..test.signals().count())
        .filter(|signal| Some(*signal) != known_by)
        .flat_map(of_signal)
        .collect();
    let mut of_attempt: Vec<Vec<((usize, usize), &'h Hit)>> = vec![Vec::new(); attempts.len()];
    for (place, hit) in others {
        let fits = |attempt: &Attempt<'_>| {
            let (from, to) = attempt.window(test);
            (from..=to).contains(&hit.time) && attempt.bindings.united(&hit.bindings).is_some()
        };
        let fitting = attempts.iter().enumerate().filter(|(_, attempt)| fits(attempt));
        let nearest = fitting.min_by_key(|(_, attempt)| attempt.distance(hit));
        if let Some(hits) = nearest.and_then(|(nearest, _)| of_attempt.get_mut(nearest)) {
            hits.push((place, hit));
        }
    }
    for (attempt, mut hits) in attempts.iter_mut().zip(of_attempt) {
        // What is nearest decides about an address first.
        hits.sort_by(|(_, one), (_, other)| {
            let nearer = attempt.distance(one).cmp(&attempt.distance(other));
            nearer.then_with(|| by_time(one, other))
        });
        for (place, hit) in hits {
            if let Some(united) = attempt.bindings.united(&hit.bindings) {
                attempt.bindings = united;
                attempt.hits.entry(place).or_default().push(hit);
            }
        }
        for hits in attempt.hits.values_mut() {
            hits.sort_by(|one, other| by_time(one, other));
        }
    }
    attempts
}

/// Leaves out the attempts that another test explains better: whose command was not recorded, and whose
/// first record belongs to an attempt that is certain, or to one of which more signals were found.
///
/// The program that a test copies is also what another one leaves on its way; without the command, nobody
/// can tell which it was, and the one that says more about the records is the likely one.
pub(super) fn without_explained(attempts: &mut [Vec<Attempt<'_>>]) {
    let records = |attempt: &Attempt<'_>| -> Vec<Evidence> {
        attempt.hits.values().flatten().map(|hit| hit.record.clone()).collect()
    };
    let all: Vec<(usize, bool, usize, Vec<Evidence>)> = attempts
        .iter()
        .enumerate()
        .flat_map(|(test, of_test)| {
            of_test.iter().map(move |it| (test, it.is_certain, it.found(), records(it)))
        })
        .collect();
    for (test, of_test) in attempts.iter_mut().enumerate() {
        of_test.retain(|attempt| {
            let first = attempt.hits.values().flatten().find(|hit| hit.time == attempt.known_from);
            let explains = |(other, is_certain, found, records): &(usize, bool, usize, Vec<_>)| {
                *other != test
                    && (*is_certain || *found > attempt.found())
                    && first.is_some_and(|first| records.contains(&first.record))
            };
            attempt.is_certain || !all.iter().any(explains)
        });
    }
}

/// Adds a record that an attempt is known by to the attempt that has begun, or begins one.
fn begin<'h>(
    attempts: &mut Vec<Attempt<'h>>,
    test: &LabTest,
    given: &Bindings,
    (place, hit): ((usize, usize), &'h Hit),
    is_certain: bool,
) {
    for attempt in attempts.iter_mut().rev() {
        let (_, to) = attempt.window(test);
        if hit.time > to {
            continue;
        }
        if let Some(united) = attempt.bindings.united(&hit.bindings) {
            attempt.bindings = united;
            attempt.hits.entry(place).or_default().push(hit);
            return;
        }
    }
    let bindings = hit.bindings.united(given).unwrap_or_else(|| hit.bindings.clone());
    let hits = BTreeMap::from([(place, vec![hit])]);
    let (known_from, known_by) = (hit.time, place.0);
    attempts.push(Attempt { bindings, known_from, known_by, is_certain, hits });
}

fn by_time(one: &Hit, other: &Hit) -> Ordering {
    one.time.cmp(&other.time).then_with(|| one.record.by_place(&other.record))
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        alert::{Evidence, Origin},
        validation::{
            binding::Variable,
            plan::{HostRole, Plan},
        },
    };

    const PLAN: &str = "
events: [{event: Sysmon 1, enable: e}, {event: Security 5140, enable: e}]
tests:
  - id: t
    name: n
    technique: T1
    run: {on: source}
    within: 60
    signals:
      - {name: command, begins: true, host: source, shown_by: [{event: Sysmon 1}]}
      - {name: share, begins: true, host: target, shown_by: [{event: Security 5140}]}
";

    fn hit(role: HostRole, host: &str, seconds: Ticks, target: &str) -> Hit {
        let origin = Origin { file: host.to_owned(), member: None, channel: None, host: None };
        let captured = [(Variable::Target, target.to_owned())];
        Hit {
            time: seconds.checked_mul(TICKS_PER_SECOND).unwrap(),
            bindings: Bindings::of_record(role, host, captured),
            record: Evidence {
                origin: Arc::new(origin),
                line: seconds.unsigned_abs(),
                record_id: None,
                event_id: None,
            },
        }
    }

    fn attempts(commands: &[Hit], shares: &[Hit]) -> Vec<(usize, Option<String>)> {
        let plan = Plan::parse(Path::new("v"), PLAN).unwrap();
        let by_place = BTreeMap::from([((0, 0, 0), commands), ((0, 1, 0), shares)]);
        let found = find(&plan.tests[0], 0, &Bindings::default(), &by_place);
        let sum = |attempt: &Attempt<'_>| attempt.hits.values().map(Vec::len).sum();
        found.iter().map(|it| (sum(it), it.bindings.host(HostRole::Target))).collect()
    }

    #[test]
    fn records_go_to_the_attempt_whose_hosts_they_name() {
        let commands =
            [hit(HostRole::Source, "ws", 100, "a"), hit(HostRole::Source, "ws", 101, "b")];
        let shares = [
            hit(HostRole::Target, "b", 102, ""),
            hit(HostRole::Target, "a", 103, ""),
            hit(HostRole::Target, "c", 104, ""),
        ];
        let of = |host: &str| (2, Some(host.to_owned()));
        assert_eq!(attempts(&commands, &shares), [of("a"), of("b")]);
    }

    #[test]
    fn without_the_first_sign_the_next_one_begins() {
        let shares = [hit(HostRole::Target, "a", 10, ""), hit(HostRole::Target, "a", 500, "")];
        let one = (1, Some("a".to_owned()));
        assert_eq!(attempts(&[], &shares), [one.clone(), one]);
    }

    #[test]
    fn what_another_test_explains_better_is_left_out() {
        let plan = Plan::parse(Path::new("v"), PLAN).unwrap();
        let shares = [hit(HostRole::Target, "a", 10, "")];
        let commands = [hit(HostRole::Source, "ws", 9, "a")];
        let none: &[Hit] = &[];
        let of = |commands| {
            let by_place = BTreeMap::from([((0, 0, 0), commands), ((0, 1, 0), &shares[..])]);
            find(&plan.tests[0], 0, &Bindings::default(), &by_place)
        };
        let mut attempts = [of(none), of(&commands)];
        assert_eq!(attempts[0].len(), 1);
        without_explained(&mut attempts);
        assert_eq!((attempts[0].len(), attempts[1].len()), (0, 1));
    }

    #[test]
    fn what_is_long_after_is_of_no_attempt() {
        let commands = [hit(HostRole::Source, "ws", 100, "a")];
        let shares = [hit(HostRole::Target, "a", 161, ""), hit(HostRole::Target, "a", 69, "")];
        assert_eq!(attempts(&commands, &shares), [(1, Some("a".to_owned()))]);
    }
}
