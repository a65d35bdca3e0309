//! Times as people's programs write them: in the order, the language and the digits of a country.
//!
//! In: a text, and what is known of the column that it stands in. Out: ticks in UTC, or why not. A date
//! of three numbers with its year last can be read in two ways; which one holds is settled for a
//! column as a whole ([`order`]), and never by a single value.

pub(crate) mod order;
mod read;
mod tokens;
mod words;

use kql_types::{
    Ticks,
    datetime::{self, UNIX_EPOCH},
    timespan,
};

use self::{order::Settled, read::Date};

/// The order of the numbers of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
    /// Year, month, day.
    YearFirst,
}

/// How the times of one column are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeForm {
    /// What is known of the order of day and month.
    pub(crate) settled: Settled,
    /// How far times that name no zone are from UTC.
    pub(crate) offset: Ticks,
    /// Whether somebody says so; otherwise they are taken for UTC.
    pub(crate) is_zone_known: bool,
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// The time in UTC.
    pub(crate) ticks: Ticks,
    /// Whether its zone is known: by its text, by its column, by the user.
    pub(crate) has_zone: bool,
    /// Whether day and month could be the other way round, and nothing tells.
    pub(crate) is_undecided: bool,
}

impl TimeForm {
    /// Reads a time, `None` if it is none or could be two and the column contradicts itself.
    pub(crate) fn read(&self, text: &str) -> Option<Time> {
        // Most times are of the one form that means the same in every column.
        match datetime::parse_plain_utc(text) {
            Some(ticks) => Some(Time { ticks, has_zone: true, is_undecided: false }),
            None => self.read_any(text),
        }
    }

    fn read_any(&self, text: &str) -> Option<Time> {
        let text = text.trim();
        if let Some((ticks, has_zone)) = year_first(text) {
            return self.in_utc(ticks, has_zone, false);
        }
        let Some(reading) = read::read(text, self.settled.given()) else {
            let ticks = english(text)?;
            // The forms that are left are those of RFC 822 and of eight digits.
            return self.in_utc(ticks, names_zone(text), false);
        };
        let (date, is_undecided) = match reading.date {
            Date::Is(date) => (Some(date), false),
            Date::Either { day_first, month_first } => self.settled.choose(day_first, month_first),
        };
        let local = datetime::add(date?.ticks()?, reading.time_of_day)?;
        match reading.zone {
            Some(zone) => Some(Time {
                ticks: datetime::add(local, zone.checked_neg()?)?,
                has_zone: true,
                is_undecided,
            }),
            None => self.in_utc(local, false, is_undecided),
        }
    }

    fn in_utc(&self, ticks: Ticks, has_zone: bool, is_undecided: bool) -> Option<Time> {
        let ticks = if has_zone || self.offset == 0 {
            ticks
        } else {
            datetime::add(ticks, self.offset.checked_neg()?)?
        };
        Some(Time { ticks, has_zone: has_zone || self.is_zone_known, is_undecided })
    }
}

/// Reads a time that starts with a year of four digits and `-`, as ISO 8601 has it, and whether it names
/// a zone.
fn year_first(text: &str) -> Option<(Ticks, bool)> {
    let ticks = if is_year_first(text) { parse_finely(text)? } else { return None };
    let behind_date = text.get(10..).unwrap_or_default();
    let has_zone = behind_date.contains(['Z', 'z', '+', '-']) || names_zone(behind_date);
    Some((ticks, has_zone))
}

/// Tells whether a text starts as ISO 8601 has it.
fn is_year_first(text: &str) -> bool {
    let start = text.as_bytes().first_chunk::<5>();
    start.is_some_and(|[year @ .., mark]| *mark == b'-' && year.iter().all(u8::is_ascii_digit))
}

/// Reads what Kusto reads of times with more digits behind the point than a tick holds.
fn parse_finely(text: &str) -> Option<Ticks> {
    /// Digits behind the point of a second that a tick can hold.
    const FRACTION_DIGITS: usize = 7;
    let Some((whole, rest)) = text.split_once('.') else { return datetime::parse(text) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits <= FRACTION_DIGITS {
        return datetime::parse(text);
    }
    let (kept, zone) = (rest.get(..FRACTION_DIGITS)?, rest.get(digits..)?);
    datetime::parse(&format!("{whole}.{kept}{zone}"))
}

/// Reads the forms of Kusto in which day and month cannot be taken for each other: those of RFC 822,
/// and eight digits.
fn english(text: &str) -> Option<Ticks> {
    let first = text.split([' ', ',']).next().unwrap_or_default();
    let is_numbers = first.contains(['/', '.', '-']) && !first.contains(char::is_alphabetic);
    if is_numbers { None } else { datetime::parse(text) }
}

fn names_zone(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    let is_name = ["Z", "GMT", "UT", "UTC", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"]
        .iter()
        .any(|zone| last.eq_ignore_ascii_case(zone));
    let is_offset = last.starts_with(['+', '-']) && last.len() > 2;
    is_name || is_offset
}

/// Returns the time of a number of seconds since 1970, its digits taken one by one: a fraction of
/// seven digits is more than a binary number of this size holds.
pub(crate) fn epoch_seconds(number: &str) -> Option<Ticks> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let seconds: Ticks = whole.parse().ok()?;
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(7).collect();
    let fraction: Ticks = digits.parse().ok()?;
    seconds.checked_mul(timespan::SECOND)?.checked_add(fraction)?.checked_add(UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
