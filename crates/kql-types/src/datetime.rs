//! `datetime`: calendar arithmetic on 100 ns ticks since 0001-01-01T00:00:00 UTC.
//!
//! In: ticks, civil fields, FILETIME, Unix time or text. Out: the same, checked: whatever falls
//! outside year 1 to 9999 is `None`. Knows no time zones and never asks what time it is.

mod format;
mod parse;

pub use self::{
    format::{format, format_json, format_spaced},
    parse::{parse, parse_literal, parse_plain_utc, time_of_day},
};
use crate::{Ticks, timespan};

/// The first `datetime`: 0001-01-01T00:00:00.
pub const MIN: Ticks = 0;
/// The last `datetime`: 9999-12-31T23:59:59.9999999.
pub const MAX: Ticks = 3_155_378_975_999_999_999;
/// 1970-01-01T00:00:00, where Unix time starts.
pub const UNIX_EPOCH: Ticks = 621_355_968_000_000_000;
/// 1601-01-01T00:00:00, where Windows' FILETIME starts.
pub const FILETIME_EPOCH: Ticks = 504_911_232_000_000_000;

/// A point in time as the fields of the proleptic Gregorian calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// 1 to 9999
    pub year: u16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 59: there are no leap seconds
    pub second: u8,
    /// 100 ns units within the second, 0 to 9 999 999
    pub tick: u32,
}

impl Civil {
    /// Returns midnight of a day; the fields are checked by [`Civil::ticks`].
    pub const fn midnight(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day, hour: 0, minute: 0, second: 0, tick: 0 }
    }

    /// Splits `ticks` into fields, or `None` outside [`MIN`] to [`MAX`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ticks lie in MIN..=MAX, so every remainder fits its field"
    )]
    pub const fn from_ticks(ticks: Ticks) -> Option<Self> {
        if ticks < MIN || ticks > MAX {
            return None;
        }
        let (year, month, day) = date_of_day((ticks / timespan::DAY) as u32);
        let in_day = ticks % timespan::DAY;
        Some(Self {
            year,
            month,
            day,
            hour: (in_day / timespan::HOUR) as u8,
            minute: (in_day / timespan::MINUTE % 60) as u8,
            second: (in_day / timespan::SECOND % 60) as u8,
            tick: (in_day % timespan::SECOND) as u32,
        })
    }

    /// Returns the ticks, or `None` if a field is out of its range.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all fields are checked first; the sum is at most MAX"
    )]
    pub const fn ticks(self) -> Option<Ticks> {
        let Some(day) = day_number(self.year, self.month, self.day) else { return None };
        let is_time_valid =
            self.hour < 24 && self.minute < 60 && self.second < 60 && self.tick < 10_000_000;
        if !is_time_valid {
            return None;
        }
        Some(
            day as i64 * timespan::DAY
                + self.hour as i64 * timespan::HOUR
                + self.minute as i64 * timespan::MINUTE
                + self.second as i64 * timespan::SECOND
                + self.tick as i64,
        )
    }
}

/// Returns `ticks` if they are a `datetime`: [`MIN`] to [`MAX`].
pub const fn in_range(ticks: i64) -> Option<Ticks> {
    if ticks < MIN || ticks > MAX { None } else { Some(ticks) }
}

/// Adds a timespan to a datetime, or `None` where the sum leaves the range.
pub const fn add(datetime: Ticks, timespan: Ticks) -> Option<Ticks> {
    match datetime.checked_add(timespan) {
        Some(sum) => in_range(sum),
        None => None,
    }
}

/// Returns a FILETIME (100 ns units since 1601) as ticks, or `None` after year 9999.
pub const fn from_filetime(filetime: u64) -> Option<Ticks> {
    match FILETIME_EPOCH.checked_add_unsigned(filetime) {
        Some(ticks) => in_range(ticks),
        None => None,
    }
}

/// Returns ticks as a FILETIME (100 ns units since 1601), or `None` before 1601.
pub fn to_filetime(ticks: Ticks) -> Option<u64> {
    u64::try_from(ticks.checked_sub(FILETIME_EPOCH)?).ok()
}

/// Returns Unix time as ticks: `count` units of `unit` ticks each, [`timespan::SECOND`] for example.
///
/// `None` outside year 1 to 9999.
pub const fn from_unix(count: i64, unit: Ticks) -> Option<Ticks> {
    match count.checked_mul(unit) {
        Some(since) => match UNIX_EPOCH.checked_add(since) {
            Some(ticks) => in_range(ticks),
            None => None,
        },
        None => None,
    }
}

/// Returns Unix time in nanoseconds as ticks; what is below 100 ns is cut off towards the past.
///
/// Every `i64` is in range: it reaches from 1677 to 2262.
pub const fn from_unix_nanoseconds(nanoseconds: i64) -> Ticks {
    UNIX_EPOCH.saturating_add(nanoseconds.div_euclid(100))
}

/// Returns ticks as Unix time in whole units of `unit` ticks, rounded towards the past.
///
/// `None` if `unit` is not positive or the ticks lie outside the range of a datetime.
pub const fn to_unix(ticks: Ticks, unit: Ticks) -> Option<i64> {
    let Some(ticks) = in_range(ticks) else { return None };
    if unit <= 0 {
        return None;
    }
    ticks.saturating_sub(UNIX_EPOCH).checked_div_euclid(unit)
}

/// Returns ticks as Unix time in nanoseconds, or `None` outside 1677 to 2262.
pub const fn to_unix_nanoseconds(ticks: Ticks) -> Option<i64> {
    match ticks.checked_sub(UNIX_EPOCH) {
        Some(since) => since.checked_mul(100),
        None => None,
    }
}

/// Tells whether the year has a 29th of February.
pub const fn is_leap_year(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Returns the number of days of a month, or `None` if `month` is not 1 to 12.
pub const fn days_in_month(year: u16, month: u8) -> Option<u8> {
    match month {
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap_year(year) => Some(29),
        2 => Some(28),
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        _ => None,
    }
}

/// Returns the number of days since 0001-01-01, or `None` if there is no such day.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "year is 1..=9999 and the fields are checked: the count is below 3 652 059"
)]
pub const fn day_number(year: u16, month: u8, day: u8) -> Option<u32> {
    if year < 1 || year > 9999 || day < 1 {
        return None;
    }
    match days_in_month(year, month) {
        Some(days) if day <= days => {}
        _ => return None,
    }
    let before_year = year as u32 - 1;
    let leap_days = before_year / 4 - before_year / 100 + before_year / 400;
    Some(before_year * 365 + leap_days + days_before_month(year, month) + day as u32 - 1)
}

/// Returns the day of the week, Sunday as 0, as `dayofweek` counts.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a remainder by 7 of a non-negative number"
)]
pub const fn day_of_week(ticks: Ticks) -> u8 {
    // 0001-01-01 was a Monday.
    (ticks.div_euclid(timespan::DAY).rem_euclid(7) as u8 + 1) % 7
}

/// Returns the day of the year, 1 January as 1, or `None` outside the range of a datetime.
#[expect(clippy::arithmetic_side_effects, reason = "a date of the calendar: at most 366")]
#[expect(clippy::cast_possible_truncation, reason = "at most 366")]
pub const fn day_of_year(ticks: Ticks) -> Option<u16> {
    let Some(civil) = Civil::from_ticks(ticks) else { return None };
    Some(days_before_month(civil.year, civil.month) as u16 + civil.day as u16)
}

/// Days of a year that precede a month: cumulative, plus the leap day from March on.
#[expect(clippy::arithmetic_side_effects, reason = "at most 335")]
const fn days_before_month(year: u16, month: u8) -> u32 {
    let in_common_year = match month {
        1 => 0,
        2 => 31,
        3 => 59,
        4 => 90,
        5 => 120,
        6 => 151,
        7 => 181,
        8 => 212,
        9 => 243,
        10 => 273,
        11 => 304,
        _ => 334,
    };
    in_common_year + (month > 2 && is_leap_year(year)) as u32
}

/// Splits a day number into year, month and day.
///
/// The year is counted from 1 March of year 0, so that the leap day is the last of its year and
/// the months' lengths follow one linear formula.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "day is below 3 652 059, so every intermediate value fits in 32 bits"
)]
const fn date_of_day(day: u32) -> (u16, u8, u8) {
    const DAYS_PER_400_YEARS: u32 = 146_097;
    // 0001-01-01 is 306 days after 0000-03-01.
    let shifted = day + 306;
    let cycle = shifted / DAYS_PER_400_YEARS;
    let in_cycle = shifted % DAYS_PER_400_YEARS;
    let year_of_cycle =
        (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let march_month = (5 * in_year + 2) / 153;
    let day_of_month = in_year - (153 * march_month + 2) / 5 + 1;
    let (month, carry) = if march_month < 10 { (march_month + 3, 0) } else { (march_month - 9, 1) };
    ((cycle * 400 + year_of_cycle + carry) as u16, month as u8, day_of_month as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_the_ends_of_the_range_and_the_epochs() {
        let cases = [
            (MIN, Civil::midnight(1, 1, 1)),
            (UNIX_EPOCH, Civil::midnight(1970, 1, 1)),
            (FILETIME_EPOCH, Civil::midnight(1601, 1, 1)),
            (
                MAX,
                Civil {
                    hour: 23,
                    minute: 59,
                    second: 59,
                    tick: 9_999_999,
                    ..Civil::midnight(9999, 12, 31)
                },
            ),
        ];
        for (ticks, civil) in cases {
            assert_eq!(Civil::from_ticks(ticks), Some(civil));
            assert_eq!(civil.ticks(), Some(ticks));
        }
        assert_eq!(Civil::from_ticks(-1), None);
        assert_eq!(Civil::from_ticks(MAX + 1), None);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut expected = (1u16, 1u8, 1u8);
        for day in 0..=day_number(9999, 12, 31).unwrap() {
            assert_eq!(date_of_day(day), expected);
            assert_eq!(day_number(expected.0, expected.1, expected.2), Some(day));
            let (year, month, of_month) = expected;
            expected = if of_month < days_in_month(year, month).unwrap() {
                (year, month, of_month + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
    }

    #[test]
    fn refuses_days_that_do_not_exist() {
        for (year, month, day) in
            [(2023, 2, 29), (1900, 2, 29), (2020, 13, 1), (2020, 0, 1), (2020, 4, 31), (0, 1, 1)]
        {
            assert_eq!(day_number(year, month, day), None, "{year}-{month}-{day}");
        }
        assert!(day_number(2000, 2, 29).is_some());
    }

    #[test]
    fn counts_days_of_week_and_year() {
        let of = |year, month, day| Civil::midnight(year, month, day).ticks().unwrap();
        // Measured: dayofweek(datetime(1970-05-11)) is 1.00:00:00.
        assert_eq!(day_of_week(of(1970, 5, 11)), 1);
        assert_eq!(day_of_week(of(2025, 6, 15)), 0);
        assert_eq!(day_of_week(MIN), 1);
        assert_eq!(day_of_year(of(2017, 10, 30)), Some(303));
        assert_eq!(day_of_year(of(2020, 12, 31)), Some(366));
    }

    #[test]
    fn converts_filetime_and_unix_time() {
        assert_eq!(from_filetime(0), Some(FILETIME_EPOCH));
        assert_eq!(from_filetime(116_444_736_000_000_000), Some(UNIX_EPOCH));
        assert_eq!(from_filetime(u64::MAX), None);
        assert_eq!(to_filetime(MIN), None);
        // Measured: unixtime_seconds_todatetime(1546300800) is 2019-01-01.
        let new_year = Civil::midnight(2019, 1, 1).ticks();
        assert_eq!(from_unix(1_546_300_800, timespan::SECOND), new_year);
        assert_eq!(from_unix(1_546_300_800_000, timespan::MILLISECOND), new_year);
        assert_eq!(Some(from_unix_nanoseconds(1_546_300_800_000_000_000)), new_year);
        assert_eq!(from_unix(i64::MAX, timespan::SECOND), None);
        assert_eq!(to_unix(UNIX_EPOCH - 1, timespan::SECOND), Some(-1));
        assert_eq!(to_unix(UNIX_EPOCH, 0), None);
        assert_eq!(to_unix_nanoseconds(MAX), None);
    }

    proptest! {
        #[test]
        fn ticks_survive_the_calendar(ticks in MIN..=MAX) {
            prop_assert_eq!(Civil::from_ticks(ticks).and_then(Civil::ticks), Some(ticks));
        }

        #[test]
        fn text_reads_back(ticks in MIN..=MAX) {
            prop_assert_eq!(parse(&format(ticks).to_string()), Some(ticks));
            prop_assert_eq!(parse(&format_json(ticks).to_string()), Some(ticks));
            prop_assert_eq!(parse(&format_spaced(ticks).to_string()), Some(ticks));
        }

        #[test]
        fn conversions_never_panic(number: i64, unit: i64, unsigned: u64) {
            let _ = (Civil::from_ticks(number), add(number, unit), from_unix(number, unit));
            let _ = (to_unix(number, unit), to_filetime(number), from_filetime(unsigned));
            let _ = (day_of_week(number), day_of_year(number), from_unix_nanoseconds(number));
            drop((to_unix_nanoseconds(number), format(number).to_string()));
        }
    }
}
