//! What time it is in an input: the newest of its records, unless a clock was wrong.
//!
//! A record from 2099 among those of a week was written by a machine whose clock was wrong, or was
//! not read as it was written. It is a record like any other, but it is not now. Times are told to be
//! wrong by the input alone: they are few, and stand more than ten years after all others, or more than
//! a year and many times as long as all others lie apart.

use kql_types::Ticks;
use sources::{RecordTimes, TimeSpan};

use super::balance::{Balance, MemberBalance};
use crate::evidence::MemberId;

/// So many records, however few the others, may be wrong: a clock is set right within a boot.
const FEW: u64 = 16;
/// One in so many may be wrong.
const RARE: u64 = 100;
/// So long after all others a few records are wrong however far apart the others are.
const FAR: Ticks = RecordTimes::SPAN * 10;
/// So many times as long as the others lie apart, and more than a year, is far as well,
const TIMES_APART: i64 = 50;
/// where there are so many others for one such record.
const OTHERS: u64 = 3;

/// Records whose time is left out of what `now()` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongTime {
    /// Where they are.
    pub member: MemberId,
    /// How many there are.
    pub records: u64,
    /// The newest time among them.
    pub time: Ticks,
    /// The 1-based index of the record with that time, if it is known.
    pub line: Option<u64>,
}

/// Records between which no year lies.
#[derive(Clone, Copy, Debug)]
struct Age {
    records: u64,
    oldest: Ticks,
    newest: Ticks,
}

impl Balance {
    /// Returns the newest time of the input, and which records are newer still: their clock was wrong.
    pub fn newest(&self) -> (Option<Ticks>, Vec<WrongTime>) {
        newest(&self.members)
    }
}

/// Returns the newest time that is not wrong, and what is.
fn newest(members: &[MemberBalance]) -> (Option<Ticks>, Vec<WrongTime>) {
    let newest = newest_right(members.iter().map(|member| &member.times));
    let mut wrong = Vec::new();
    for member in members {
        let spans = member.times.spans();
        wrong.extend(spans.filter(|span| Some(span.newest) > newest).map(|span| WrongTime {
            member: member.id,
            records: span.records,
            time: span.newest,
            line: span.line,
        }));
    }
    (newest, wrong)
}

fn newest_right<'a>(times: impl Iterator<Item = &'a RecordTimes>) -> Option<Ticks> {
    let mut all = RecordTimes::default();
    times.for_each(|times| all.append(times, 0));
    let mut ages: Vec<Age> = Vec::new();
    for span in all.spans() {
        match ages.last_mut() {
            Some(age) if span.oldest.saturating_sub(age.newest) <= RecordTimes::SPAN => {
                age.records = age.records.saturating_add(span.records);
                age.newest = span.newest;
            }
            _ => {
                let TimeSpan { records, oldest, newest, .. } = span;
                ages.push(Age { records, oldest, newest });
            }
        }
    }
    let most = ages.iter().map(|age| age.records).max()?;
    let are_few = |age: &Age| {
        age.records < most && (age.records <= FEW || age.records.saturating_mul(RARE) <= most)
    };
    let main = ages.iter().position(|age| !are_few(age))?;
    let mut right = *ages.get(main)?;
    // Times of nothing, such as 1601, do not make the others lie far apart.
    for age in ages.iter().take(main).rev() {
        if right.oldest.saturating_sub(age.newest) > FAR {
            break;
        }
        right.oldest = age.oldest;
    }
    // Of what is older than most records, nothing is newest.
    for age in ages.iter().skip(main) {
        if !are_few(age) || !is_far(age, &right, most) {
            right.newest = age.newest;
        }
    }
    Some(right.newest)
}

/// Tells whether a few records are so long after all others that their clock was wrong.
fn is_far(age: &Age, others: &Age, most: u64) -> bool {
    let gap = age.oldest.saturating_sub(others.newest);
    let apart = others.newest.saturating_sub(others.oldest);
    let is_far_for_them = gap.checked_div(TIMES_APART).is_some_and(|part| part > apart)
        && age.records.saturating_mul(OTHERS) <= most;
    gap > FAR || is_far_for_them
}

#[cfg(test)]
mod tests {
    use kql_types::datetime;

    use super::*;

    fn at(text: &str) -> Ticks {
        datetime::parse(text).unwrap()
    }

    /// Returns the times of records: so many of a day, one a minute.
    fn times(days: &[(&str, u64)]) -> RecordTimes {
        let mut times = RecordTimes::default();
        let mut line = 0_u64;
        for (day, records) in days {
            for minute in 0..i64::try_from(*records).unwrap() {
                line = line.checked_add(1).unwrap();
                let since = minute.checked_mul(600_000_000).unwrap();
                times.saw(at(day).checked_add(since).unwrap(), line);
            }
        }
        times
    }

    #[track_caller]
    fn newest_of(days: &[(&str, u64)], expected: &str) {
        assert_eq!(newest_right([&times(days)].into_iter()), Some(at(expected)), "{days:?}");
    }

    #[test]
    fn a_few_records_far_ahead_are_not_now() {
        for future in ["2038-01-19", "2099-12-31", "9999-12-31"] {
            newest_of(&[("2024-03-01", 3), (future, 1)], "2024-03-01T00:02Z");
            newest_of(&[(future, 2), ("2024-03-01", 5)], "2024-03-01T00:04Z");
        }
        newest_of(
            &[("2024-03-01", 5), ("2038-01-19", 1), ("2060-01-01", 1), ("2106-02-07", 2)],
            "2024-03-01T00:04Z",
        );
        newest_of(&[("2024-03-01", 5_000), ("2099-01-01", 50)], "2024-03-04T11:19Z");
        // Times of nothing do not make the rest look long ago.
        newest_of(
            &[("1601-01-01", 4), ("1970-01-01", 1), ("2024-03-01", 5), ("2099-01-01", 1)],
            "2024-03-01T00:04Z",
        );
    }

    #[test]
    fn a_few_records_are_far_ahead_as_well_where_the_others_lie_close_together() {
        for future in ["2025-06-01", "2027-03-01", "2030-01-01", "2033-12-31"] {
            newest_of(&[("2024-03-01", 3), (future, 1)], "2024-03-01T00:02Z");
            newest_of(&[(future, 2), ("2024-03-01", 900), ("2024-03-04", 7)], "2024-03-04T00:06Z");
        }
        newest_of(&[("2016-03-01", 500), ("2024-03-01", 2)], "2016-03-01T08:19Z");
        newest_of(
            &[("2002-01-01", 1), ("2023-03-01", 9), ("2023-03-05", 9), ("2028-03-01", 1)],
            "2023-03-05T00:08Z",
        );
        // Two of a few are no evidence against the third, and less than a year is no gap.
        newest_of(&[("2024-03-01", 2), ("2027-03-01", 1)], "2027-03-01");
        newest_of(&[("2024-03-01", 500), ("2025-02-01", 1)], "2025-02-01");
    }

    #[test]
    fn logs_of_several_years_and_of_equal_weight_are_right() {
        newest_of(
            &[("2015-03-01", 3), ("2016-03-05", 500), ("2024-03-01", 2)],
            "2024-03-01T00:01Z",
        );
        newest_of(
            &[("2016-03-01", 500), ("2018-03-01", 300), ("2020-03-01", 90), ("2024-03-01", 2)],
            "2024-03-01T00:01Z",
        );
        newest_of(&[("2004-03-01", 500), ("2024-03-01", 200)], "2024-03-01T03:19Z");
        newest_of(&[("2004-03-01", 1), ("2024-03-01", 1)], "2024-03-01");
        newest_of(&[("2024-03-01", 1)], "2024-03-01");
        assert_eq!(newest_right(std::iter::empty()), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let member = |input, days: &[(&str, u64)]| MemberBalance {
            id: MemberId::new(input, 0),
            times: times(days),
            ..MemberBalance::default()
        };
        let members =
            [member(0, &[("2024-03-01", 7)]), member(1, &[("2024-03-02", 4), ("2099-12-31", 2)])];
        let (newest, wrong) = newest(&members);
        assert_eq!(newest, Some(at("2024-03-02T00:03Z")));
        let time = at("2099-12-31T00:01Z");
        let expected = WrongTime { member: MemberId::new(1, 0), records: 2, time, line: Some(6) };
        assert_eq!(wrong, [expected]);
    }
}
