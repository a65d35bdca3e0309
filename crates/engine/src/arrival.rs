//! When records arrived: a second clock beside the times of events.
//!
//! In: how long records take, as a distribution, or when each arrived. Out: for a record when it was there
//! to be queried. How long a record takes is drawn by its place in the input and a seed, so that the same
//! input has the same delays whoever asks, in whatever order.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use kql_types::Ticks;

use crate::evidence::MemberId;

/// When records arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// So long after their times.
    Drawn(Delays),
    /// At these times; a record that is not among them arrived at its own time.
    Given(BTreeMap<(MemberId, u64), Ticks>),
    /// Those of the first inputs at these times, and those of all further ones so long after their times.
    Followed {
        /// When records of the first inputs arrived.
        arrivals: Arc<Self>,
        /// How many these inputs are.
        inputs: usize,
        /// How long the others' records take.
        delay: Ticks,
    },
}

/// How long records take to arrive.
#[derive(Clone, Debug, PartialEq)]
pub struct Delays {
    /// Shares of records, from 0 to 1, with the longest delay that such a share has: in order. In between,
    /// delays rise evenly.
    steps: Vec<(f64, Ticks)>,
    seed: u64,
}

impl Delays {
    /// Makes delays of percentiles: of how many percent of records it takes so long at most.
    ///
    /// Below the first percentile delays rise evenly from none. What is above the last one takes as long as
    /// that. Returns `None` unless percentiles are above 0 and at most 100 and rise, and delays do not fall
    /// and are not negative.
    pub fn of_percentiles(percentiles: &[(f64, Ticks)], seed: u64) -> Option<Self> {
        let mut steps = vec![(0.0, 0)];
        for (percent, delay) in percentiles {
            let (share, last) = *steps.last()?;
            let next = percent / 100.0;
            let is_first = steps.len() == 1;
            if !(next > share && next <= 1.0) || *delay < last || (is_first && *delay < 0) {
                return None;
            }
            steps.push((next, *delay));
        }
        (steps.len() > 1).then_some(Self { steps, seed })
    }

    /// Makes delays of a list, each as likely as it stands there. Returns `None` if there is none, or a
    /// negative one.
    pub fn of_list(delays: &[Ticks], seed: u64) -> Option<Self> {
        let mut delays = delays.to_vec();
        delays.sort_unstable();
        if delays.first().is_none_or(|first| *first < 0) {
            return None;
        }
        let count = u32::try_from(delays.len()).ok()?;
        let mut steps = Vec::new();
        for (place, delay) in (0u32..).zip(delays) {
            // A step: the same delay from where it begins to where it ends.
            steps.push((f64::from(place) / f64::from(count), delay));
            steps.push((f64::from(place.saturating_add(1)) / f64::from(count), delay));
        }
        Some(Self { steps, seed })
    }

    /// Returns the longest delay.
    pub fn longest(&self) -> Ticks {
        self.steps.last().map_or(0, |(_, delay)| *delay)
    }

    /// Returns how long a record takes.
    pub fn of_record(&self, member: MemberId, line: u64) -> Ticks {
        self.at(share(self.seed, member, line))
    }

    /// Returns the delay at a share of records.
    fn at(&self, share: f64) -> Ticks {
        let next = self.steps.partition_point(|(step, _)| *step <= share);
        let before = next.checked_sub(1).and_then(|before| self.steps.get(before));
        match (before, self.steps.get(next)) {
            (Some((from, shorter)), Some((to, longer))) => {
                #[expect(clippy::cast_precision_loss, reason = "a delay is less than 2^52 ticks")]
                let further =
                    (longer.saturating_sub(*shorter)) as f64 * (share - from) / (to - from);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "it is below a difference of ticks"
                )]
                shorter.saturating_add(further as Ticks)
            }
            (Some((_, delay)), None) | (None, Some((_, delay))) => *delay,
            (None, None) => 0,
        }
    }
}

/// Returns a number from 0 to below 1 that a record has for a seed.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", the mix of `SplitMix64`.
fn share(seed: u64, member: MemberId, line: u64) -> f64 {
    let member = u64::from_ne_bytes(member.encode().to_ne_bytes());
    let mixed = mix(mix(mix(seed).wrapping_add(member)).wrapping_add(line));
    #[expect(clippy::cast_precision_loss, reason = "53 bits are left, as many as a double holds")]
    let numerator = (mixed >> 11) as f64;
    numerator / 9_007_199_254_740_992.0
}

fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Arrivals {
    /// Makes the times of arrival of records of an input that is one file and no archive, by their places
    /// in it.
    pub fn of_file(times: impl IntoIterator<Item = (u64, Ticks)>) -> Self {
        let member = MemberId::new(0, 0);
        Self::Given(times.into_iter().map(|(line, time)| ((member, line), time)).collect())
    }

    /// Returns when a record arrived; never before its own time.
    pub fn of_record(&self, member: MemberId, line: u64, time: Ticks) -> Ticks {
        match self {
            Self::Drawn(delays) => time.saturating_add(delays.of_record(member, line)),
            Self::Given(times) => times.get(&(member, line)).copied().unwrap_or(time).max(time),
            Self::Followed { arrivals, inputs, .. } if member.input() < *inputs => {
                arrivals.of_record(member, line, time)
            }
            Self::Followed { delay, .. } => time.saturating_add(*delay),
        }
    }

    /// Returns how long after a time that no record's is after the last one arrives, at most.
    pub fn longest_after(&self, newest: Ticks) -> Ticks {
        match self {
            Self::Drawn(delays) => delays.longest(),
            Self::Given(times) => {
                let latest = times.values().copied().max().unwrap_or(newest).max(newest);
                latest.saturating_sub(newest)
            }
            Self::Followed { arrivals, delay, .. } => arrivals.longest_after(newest).max(*delay),
        }
    }
}

/// The records that have arrived at certain times: what a look sees of those in its window.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// When records arrived.
    pub arrivals: Arc<Arrivals>,
    /// The times of arrival that are seen.
    pub seen: RangeInclusive<Ticks>,
    /// Records that take as long or longer are not seen at all.
    pub too_late: Option<Ticks>,
}

impl Arrived {
    /// Tells whether a record of a time is seen.
    pub(crate) fn sees(&self, member: MemberId, line: u64, time: Ticks) -> bool {
        let arrival = self.arrivals.of_record(member, line, time);
        let delay = arrival.saturating_sub(time);
        self.seen.contains(&arrival) && self.too_late.is_none_or(|too_late| delay < too_late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Ticks = 600_000_000;

    fn drawn(delays: &Delays) -> Vec<Ticks> {
        let mut drawn: Vec<Ticks> =
            (1..=10_000).map(|line| delays.of_record(MemberId::new(0, 0), line)).collect();
        drawn.sort_unstable();
        drawn
    }

    #[test]
    fn drawn_delays_have_the_percentiles() {
        let delays = Delays::of_percentiles(&[(50.0, 2 * MINUTE), (99.0, 20 * MINUTE)], 1).unwrap();
        let drawn = drawn(&delays);
        let near =
            |place: usize, minutes: Ticks| (drawn[place] - minutes * MINUTE).abs() < MINUTE / 2;
        assert!(near(5_000, 2) && near(9_900, 20) && near(2_500, 1), "{}", drawn[5_000]);
        assert_eq!((*drawn.last().unwrap(), delays.longest()), (20 * MINUTE, 20 * MINUTE));
    }

    #[test]
    fn a_list_is_drawn_from_evenly() {
        let delays = Delays::of_list(&[20 * MINUTE, 0, 0, 3 * MINUTE], 1).unwrap();
        let drawn = drawn(&delays);
        let count = |minutes: Ticks| drawn.iter().filter(|it| **it == minutes * MINUTE).count();
        let counts = [count(0), count(3), count(20)];
        assert_eq!(counts.iter().sum::<usize>(), 10_000);
        for (count, expected) in counts.iter().zip([5_000, 2_500, 2_500]) {
            assert!(count.abs_diff(expected) < 250, "{counts:?}");
        }
    }

    #[test]
    fn a_record_has_the_same_delay_for_a_seed_and_another_for_another() {
        let of_seed = |seed| {
            let delays = Delays::of_percentiles(&[(100.0, 20 * MINUTE)], seed).unwrap();
            [(0, 1), (0, 2), (1, 1)]
                .map(|(member, line)| delays.of_record(MemberId::new(0, member), line))
        };
        assert_eq!(of_seed(1), of_seed(1));
        let (one, two) = (of_seed(1), of_seed(2));
        assert!(one[0] != one[1] && one[0] != one[2] && one != two, "{one:?} {two:?}");
    }

    #[test]
    fn what_is_no_distribution_is_none() {
        for percentiles in [
            &[][..],
            &[(0.0, 1)],
            &[(101.0, 1)],
            &[(50.0, 2), (50.0, 3)],
            &[(50.0, 2), (99.0, 1)],
            &[(50.0, -1)],
            &[(f64::NAN, 1)],
        ] {
            assert_eq!(Delays::of_percentiles(percentiles, 1), None, "{percentiles:?}");
        }
        assert_eq!((Delays::of_list(&[], 1), Delays::of_list(&[-1], 1)), (None, None));
    }

    #[test]
    fn a_given_time_of_arrival_is_not_before_the_record() {
        let member = MemberId::new(0, 0);
        let arrivals = Arrivals::Given([((member, 1), 50), ((member, 2), 5)].into());
        let arrived = |line| arrivals.of_record(member, line, 10);
        assert_eq!([arrived(1), arrived(2), arrived(3)], [50, 10, 10]);
        let arrivals = Arc::new(arrivals);
        let arrived = Arrived { arrivals, seen: 0..=60, too_late: Some(40) };
        assert!(!arrived.sees(member, 1, 10) && arrived.sees(member, 1, 11));
    }

    #[test]
    fn records_of_inputs_that_follow_have_a_delay_of_their_own() {
        let given = Arrivals::Given([((MemberId::new(0, 0), 1), 50)].into());
        let arrivals = Arrivals::Followed { arrivals: Arc::new(given), inputs: 1, delay: 7 };
        let arrived = |input| arrivals.of_record(MemberId::new(input, 0), 1, 10);
        assert_eq!([arrived(0), arrived(1), arrived(2)], [50, 17, 17]);
        assert_eq!([arrivals.longest_after(10), arrivals.longest_after(48)], [40, 7]);
    }
}
