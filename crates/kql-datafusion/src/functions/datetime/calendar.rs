//! Units of the calendar and the clock: where they start, stepping by them, numbering them.

use kql_types::{
    Ticks,
    datetime::{self, Civil, day_number, days_in_month},
    timespan::{DAY, HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND},
};

/// A unit that datetime functions know by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Quarter,
    Month,
    /// From Sunday on.
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Unit {
    /// Returns the unit of that name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "quarter" => Self::Quarter,
            "month" => Self::Month,
            "week" => Self::Week,
            "day" => Self::Day,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "millisecond" => Self::Millisecond,
            "microsecond" => Self::Microsecond,
            "nanosecond" => Self::Nanosecond,
            _ => return None,
        })
    }

    /// Returns the number of the unit that a point lies in, counted from some fixed one.
    ///
    /// Nanoseconds beyond a long are `None`.
    pub(super) fn number(self, ticks: Ticks) -> Option<i64> {
        let civil = Civil::from_ticks(ticks)?;
        let (year, month) = (i64::from(civil.year), i64::from(civil.month));
        Some(match self {
            Self::Year => year,
            Self::Quarter => year.checked_mul(4)?.checked_add(quarter(civil.month))?,
            Self::Month => year.checked_mul(12)?.checked_add(month)?,
            // 0001-01-01 is a Monday.
            Self::Week => ticks.div_euclid(DAY).checked_add(1)?.div_euclid(7),
            Self::Nanosecond => ticks.checked_mul(100)?,
            _ => ticks.div_euclid(self.length()?),
        })
    }

    /// Returns the point that lies `count` units later; a day that its month has not is the last
    /// of the month.
    ///
    /// `None` beyond the range of a datetime.
    pub(super) fn add(self, ticks: Ticks, count: i64) -> Option<Ticks> {
        let months = match self {
            Self::Year => count.checked_mul(12)?,
            Self::Quarter => count.checked_mul(3)?,
            Self::Month => count,
            Self::Week => return datetime::add(ticks, count.checked_mul(7)?.checked_mul(DAY)?),
            // A tick is 100 ns; a rest is cut off.
            Self::Nanosecond => return datetime::add(ticks, count.checked_div(100)?),
            _ => return datetime::add(ticks, count.checked_mul(self.length()?)?),
        };
        add_months(ticks, months)
    }

    /// Returns where the unit that a point lies in starts.
    pub(super) fn start(self, ticks: Ticks) -> Option<Ticks> {
        let civil = Civil::from_ticks(ticks)?;
        match self {
            Self::Year => Civil::midnight(civil.year, 1, 1).ticks(),
            Self::Month => Civil::midnight(civil.year, civil.month, 1).ticks(),
            Self::Week => {
                let days = i64::from(datetime::day_of_week(ticks)).checked_mul(DAY)?;
                datetime::add(Self::Day.start(ticks)?, days.checked_neg()?)
            }
            _ => {
                let length = self.length()?;
                ticks.div_euclid(length).checked_mul(length)
            }
        }
    }

    /// Returns the ticks of a unit that is always as long.
    const fn length(self) -> Option<Ticks> {
        Some(match self {
            Self::Day => DAY,
            Self::Hour => HOUR,
            Self::Minute => MINUTE,
            Self::Second => SECOND,
            Self::Millisecond => MILLISECOND,
            Self::Microsecond => MICROSECOND,
            _ => return None,
        })
    }
}

/// Returns the quarter of a month, 1 to 4.
pub(super) fn quarter(month: u8) -> i64 {
    i64::from(month).saturating_add(2).div_euclid(3)
}

/// Returns the week of the year by ISO 8601: weeks start on Monday, the first has a Thursday.
pub(super) fn iso_week(ticks: Ticks) -> Option<i64> {
    // The Thursday of the same week lies in the year that the week belongs to.
    let days_since_monday = ticks.div_euclid(DAY).rem_euclid(7);
    let to_thursday = 3_i64.checked_sub(days_since_monday)?.checked_mul(DAY)?;
    // A week at either end of the range may have its Thursday beyond it.
    let thursday = datetime::add(ticks, to_thursday).unwrap_or(ticks);
    let day = i64::from(datetime::day_of_year(thursday)?);
    day.checked_add(6)?.checked_div(7)
}

fn add_months(ticks: Ticks, count: i64) -> Option<Ticks> {
    let civil = Civil::from_ticks(ticks)?;
    let months = i64::from(civil.year).checked_mul(12)?.checked_add(i64::from(civil.month))?;
    let months = months.checked_sub(1)?.checked_add(count)?;
    let year = u16::try_from(months.div_euclid(12)).ok()?;
    let month = u8::try_from(months.rem_euclid(12).checked_add(1)?).ok()?;
    let day = civil.day.min(days_in_month(year, month)?);
    // The year has to be one of a datetime before the fields are put together.
    day_number(year, month, day)?;
    Civil { year, month, day, ..civil }.ticks()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: u16, month: u8, day: u8) -> Ticks {
        Civil::midnight(year, month, day).ticks().unwrap()
    }

    #[test]
    fn months_end_where_they_end() {
        assert_eq!(Unit::Month.add(day(2020, 1, 31), 1), Some(day(2020, 2, 29)));
        assert_eq!(Unit::Year.add(day(2020, 2, 29), 1), Some(day(2021, 2, 28)));
        assert_eq!(Unit::Month.add(day(2017, 1, 1), -15), Some(day(2015, 10, 1)));
        assert_eq!(Unit::Year.add(day(9999, 1, 1), 1), None);
    }

    #[test]
    fn weeks_start_on_sunday() {
        assert_eq!(Unit::Week.start(day(2017, 1, 1)), Some(day(2017, 1, 1)));
        assert_eq!(Unit::Week.start(day(2017, 1, 7)), Some(day(2017, 1, 1)));
        assert_eq!(Unit::Week.start(day(1, 1, 1)), None);
    }

    #[test]
    fn iso_weeks_belong_to_the_year_of_their_thursday() {
        assert_eq!(iso_week(day(2017, 10, 30)), Some(44));
        assert_eq!(iso_week(day(2021, 1, 3)), Some(53));
        assert_eq!(iso_week(day(2020, 12, 31)), Some(53));
        assert_eq!(iso_week(day(2024, 12, 30)), Some(1));
    }
}
