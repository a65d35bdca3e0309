//! Text to `datetime`, as `todatetime(string)` and datetime literals read it.
//!
//! In: text without quotes. Out: ticks, UTC, or `None` where Kusto gives null. ISO 8601 has a
//! path of its own because millions of log rows carry it; the rest goes through a small scanner.

use super::{Civil, add};
use crate::{Ticks, timespan};

/// Reads a datetime, or `None` where `todatetime` gives null.
///
/// - ISO 8601 and its relatives: `2014-05-25T08:20:03.1234567Z`, a blank for `T`, seconds, fraction
///   and offset optional, `/`, `.` or `,` between the parts of the date, `20140525`.
/// - American order, month first: `12/02/2022`, `12-02-2022 13:45:56`, `2/3/2022 1:45:56 PM`.
/// - RFC 822 and 850: `Sat, 8 Nov 14 15:05:02 GMT`, `08-Nov-14 15:05`, `Dec 2, 2022`.
///
/// A time without an offset is UTC. Fraction digits after the seventh are dropped. Two-digit
/// years below 50 are of this century. A year or a year and month alone is no datetime.
///
/// Sources: <https://learn.microsoft.com/kusto/query/scalar-data-types/datetime> for the formats;
/// measured: month first, all three separators, `20221202`, offsets, `13-01-2022` is null. Inferred:
/// AM and PM, the century, zone names of RFC 822 other than GMT.
pub fn parse(text: &str) -> Option<Ticks> {
    let text = text.trim_ascii();
    iso(text.as_bytes()).or_else(|| Scanner { rest: text.as_bytes() }.datetime())
}

/// Reads `yyyy-MM-ddTHH:mm:ss[.f…]Z`, the form that nearly every log has, and no other.
///
/// What it reads, [`parse`] reads as the same; `None` says only that the text is of another form.
#[inline]
pub fn parse_plain_utc(text: &str) -> Option<Ticks> {
    let (
        &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2],
        rest,
    ) = text.as_bytes().split_first_chunk()?
    else {
        return None;
    };
    let tick = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] => plain_fraction(digits)?,
        _ => return None,
    };
    let year = u16::from(pair(y1, y2)?).checked_mul(100)?.checked_add(u16::from(pair(y3, y4)?))?;
    let (month, day) = (pair(mo1, mo2)?, pair(d1, d2)?);
    let (hour, minute, second) = (pair(h1, h2)?, pair(mi1, mi2)?, pair(s1, s2)?);
    Civil { year, month, day, hour, minute, second, tick }.ticks()
}

/// Returns the 100 ns units that one to seven digits behind a point write.
fn plain_fraction(digits: &[u8]) -> Option<u32> {
    const UNITS: [u32; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let unit = UNITS.get(digits.len().checked_sub(1)?)?;
    let mut number = 0_u32;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(u32::from(digit));
    }
    number.checked_mul(*unit)
}

/// Reads a datetime as a literal has it: what [`parse`] reads, a year, or a year and a month.
///
/// Source: measured, `datetime(2025)` and `datetime(2025, 6)`.
pub fn parse_literal(text: &str) -> Option<Ticks> {
    let text = text.trim_ascii();
    let (year, month) = match text.split_once(',') {
        Some((year, month)) => (year, month.trim_ascii_start()),
        None => (text, "1"),
    };
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    if year.len() == 4 && month.len() <= 2 && is_number(year) && is_number(month) {
        return Civil::midnight(year.parse().ok()?, month.parse().ok()?, 1).ticks();
    }
    parse(text)
}

/// Reads a time of day without a date, in ticks; the inner option is `None` for an empty text. What
/// has a date, or is no time, gives `None`.
pub fn time_of_day(text: &str) -> Option<Option<Ticks>> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Some(None);
    }
    let mut scanner = Scanner { rest: text.as_bytes() };
    let (hour, digits) = scanner.number()?;
    if digits > 2 || !scanner.take(b':') {
        return None;
    }
    let (time, offset) = scanner.time_after(hour)?;
    (scanner.rest.is_empty() && offset == 0).then_some(Some(time))
}

/// Reads `yyyy-MM-dd[(T| )HH:mm:ss[.f…][Z]]` without looking at anything twice.
///
/// Everything rarer is left to [`Scanner`], which accepts a superset.
fn iso(bytes: &[u8]) -> Option<Ticks> {
    let (&[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    let year = u16::from(pair(y1, y2)?).checked_mul(100)?.checked_add(u16::from(pair(y3, y4)?))?;
    let date = Civil::midnight(year, pair(mo1, mo2)?, pair(d1, d2)?);
    if rest.is_empty() {
        return date.ticks();
    }
    let (&[b'T' | b' ', h1, h2, b':', mi1, mi2, b':', s1, s2], rest) = rest.split_first_chunk()?
    else {
        return None;
    };
    let (tick, rest) = fraction(rest)?;
    if !matches!(rest, [] | [b'Z']) {
        return None;
    }
    let (hour, minute, second) = (pair(h1, h2)?, pair(mi1, mi2)?, pair(s1, s2)?);
    Civil { hour, minute, second, tick, ..date }.ticks()
}

/// Returns the number that two digits write.
fn pair(tens: u8, ones: u8) -> Option<u8> {
    if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
        return None;
    }
    tens.wrapping_sub(b'0').wrapping_mul(10).checked_add(ones.wrapping_sub(b'0'))
}

/// Reads `.f…` if it is there: 100 ns units, and what follows. A point needs a digit behind it.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', rest @ ..] = bytes else { return Some((0, bytes)) };
    let (mut tick, mut place, mut rest) = (0u32, 1_000_000u32, rest);
    let before = rest.len();
    while let [byte @ b'0'..=b'9', tail @ ..] = rest {
        tick = tick.checked_add(u32::from(byte.wrapping_sub(b'0')).checked_mul(place)?)?;
        place = place.checked_div(10)?;
        rest = tail;
    }
    (rest.len() < before).then_some((tick, rest))
}

/// Reads the rarer forms from left to right.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn datetime(mut self) -> Option<Ticks> {
        self.weekday();
        let date = self.date()?;
        let (time, offset) = self.time_of_day()?;
        if !self.rest.is_empty() {
            return None;
        }
        add(add(date.ticks()?, time)?, offset.checked_neg()?)
    }

    /// Skips `Sat,` or `Saturday,`; whether it is the right day is not asked.
    fn weekday(&mut self) {
        const DAYS: [&str; 7] =
            ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
        let saved = self.rest;
        let word = self.word();
        if name_index(&DAYS, word).is_some() && self.take(b',') {
            self.blanks();
        } else {
            self.rest = saved;
        }
    }

    /// Reads the date, in any of the orders.
    fn date(&mut self) -> Option<Civil> {
        let word = self.word();
        if !word.is_empty() {
            return self.month_name_first(word);
        }
        let (first, digits) = self.number()?;
        match digits {
            8 => {
                let (year, in_year) = (first.checked_div(10_000)?, first.checked_rem(10_000)?);
                civil(year, in_year.checked_div(100)?, in_year.checked_rem(100)?)
            }
            4 => {
                let separator = self.separator().filter(|&separator| separator != b' ')?;
                let month = self.month()?;
                (self.separator()? == separator).then_some(())?;
                civil(first, month, self.number()?.0)
            }
            1 | 2 => self.short_number_first(first),
            _ => None,
        }
    }

    /// Reads the rest of `Dec 2, 2022`.
    fn month_name_first(&mut self, word: &[u8]) -> Option<Civil> {
        let month = month_number(word)?;
        self.blanks();
        let (day, _) = self.number()?;
        let _ = self.take(b',');
        self.blanks();
        let (year, digits) = self.number()?;
        (digits == 4).then_some(())?;
        civil(year, month, day)
    }

    /// Reads the rest of `12/02/2022` (month first) or `8 Nov 14` (day first).
    fn short_number_first(&mut self, first: u32) -> Option<Civil> {
        let separator = self.separator()?;
        let word = self.word();
        if word.is_empty() {
            let (day, _) = self.number()?;
            (self.separator()? == separator && separator != b' ').then_some(())?;
            let (year, digits) = self.number()?;
            return if digits == 4 { civil(year, first, day) } else { None };
        }
        let month = month_number(word)?;
        (self.separator()? == separator).then_some(())?;
        let (year, digits) = self.number()?;
        let year = match digits {
            4 => year,
            2 if year < 50 => year.checked_add(2000)?,
            2 => year.checked_add(1900)?,
            _ => return None,
        };
        civil(year, month, first)
    }

    /// Reads the time of day and its offset from UTC, both in ticks; none is midnight UTC.
    fn time_of_day(&mut self) -> Option<(Ticks, Ticks)> {
        if self.rest.is_empty() {
            return Some((0, 0));
        }
        let is_separated = self.take(b'T') || self.take(b't') || self.blanks();
        let (hour, digits) = self.number()?;
        if !is_separated || digits > 2 || !self.take(b':') {
            return None;
        }
        self.time_after(hour)
    }

    /// Reads the minute and what follows it.
    fn time_after(&mut self, hour: u32) -> Option<(Ticks, Ticks)> {
        let minute = self.two_digits()?;
        let second = if self.take(b':') { self.two_digits()? } else { 0 };
        let (tick, rest) = fraction(self.rest)?;
        self.rest = rest;
        self.blanks();
        let hour = self.twelve_hour_clock(hour)?;
        let time = Civil {
            hour: u8::try_from(hour).ok()?,
            minute: u8::try_from(minute).ok()?,
            second: u8::try_from(second).ok()?,
            tick,
            ..Civil::midnight(1, 1, 1)
        };
        Some((time.ticks()?, self.offset()?))
    }

    /// Applies `AM` or `PM` if it comes next.
    fn twelve_hour_clock(&mut self, hour: u32) -> Option<u32> {
        let saved = self.rest;
        let word = self.word();
        let is_afternoon = word.eq_ignore_ascii_case(b"pm");
        if !is_afternoon && !word.eq_ignore_ascii_case(b"am") {
            self.rest = saved;
            return Some(hour);
        }
        self.blanks();
        let in_half = if (1..=12).contains(&hour) { hour.checked_rem(12)? } else { return None };
        in_half.checked_add(if is_afternoon { 12 } else { 0 })
    }

    /// Reads `Z`, `GMT`, `+02:00`, `-0500` or nothing, in ticks east of Greenwich.
    fn offset(&mut self) -> Option<Ticks> {
        if self.take(b'+') {
            return self.offset_digits();
        }
        if self.take(b'-') {
            return self.offset_digits()?.checked_neg();
        }
        let hours: i64 = match self.word().to_ascii_uppercase().as_slice() {
            b"" | b"Z" | b"GMT" | b"UT" | b"UTC" => 0,
            b"EST" | b"CDT" => -5,
            b"EDT" => -4,
            b"CST" | b"MDT" => -6,
            b"MST" | b"PDT" => -7,
            b"PST" => -8,
            _ => return None,
        };
        hours.checked_mul(timespan::HOUR)
    }

    /// Reads `hh`, `hhmm` or `hh:mm`, at most 14 hours.
    fn offset_digits(&mut self) -> Option<Ticks> {
        let (number, digits) = self.number()?;
        let (hours, minutes) = match digits {
            1 | 2 if self.take(b':') => (number, self.two_digits()?),
            1 | 2 => (number, 0),
            4 => (number.checked_div(100)?, number.checked_rem(100)?),
            _ => return None,
        };
        let minutes =
            if minutes < 60 { hours.checked_mul(60)?.checked_add(minutes)? } else { return None };
        if minutes > 14 * 60 {
            return None;
        }
        i64::from(minutes).checked_mul(timespan::MINUTE)
    }

    /// Reads a month as one or two digits or by its name.
    fn month(&mut self) -> Option<u32> {
        let word = self.word();
        if word.is_empty() { Some(self.number()?.0) } else { month_number(word) }
    }

    /// Reads one of `-/.,` with blanks around it, or blanks alone, which count as `b' '`.
    fn separator(&mut self) -> Option<u8> {
        let is_blank = self.blanks();
        if let [byte @ (b'-' | b'/' | b'.' | b','), rest @ ..] = self.rest {
            self.rest = rest;
            self.blanks();
            return Some(*byte);
        }
        is_blank.then_some(b' ')
    }

    /// Reads letters, possibly none.
    fn word(&mut self) -> &'a [u8] {
        self.while_true(u8::is_ascii_alphabetic)
    }

    /// Reads one to eight digits: their value and how many they are.
    fn number(&mut self) -> Option<(u32, usize)> {
        let digits = self.while_true(u8::is_ascii_digit);
        if digits.len() > 8 {
            return None;
        }
        Some((str::from_utf8(digits).ok()?.parse().ok()?, digits.len()))
    }

    /// Reads exactly two digits.
    fn two_digits(&mut self) -> Option<u32> {
        let (number, digits) = self.number()?;
        (digits == 2).then_some(number)
    }

    /// Skips blanks and tells whether there were any.
    fn blanks(&mut self) -> bool {
        !self.while_true(u8::is_ascii_whitespace).is_empty()
    }

    /// Skips `byte` and tells whether it was there.
    fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((&first, rest)) if first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn while_true(&mut self, is_part: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !is_part(byte)).unwrap_or(self.rest.len());
        let (part, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        part
    }
}

/// Checks the widths of the fields; whether the day exists is checked by [`Civil::ticks`].
fn civil(year: u32, month: u32, day: u32) -> Option<Civil> {
    Some(Civil::midnight(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?))
}

/// Returns 1 to 12 for a month's English name or its first three letters.
fn month_number(word: &[u8]) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    u32::try_from(name_index(&MONTHS, word)?).ok()?.checked_add(1)
}

/// Returns the place of a name in the list: in full or its first three letters, in any case.
fn name_index(names: &[&str], word: &[u8]) -> Option<usize> {
    names.iter().map(|name| name.as_bytes()).position(|name| {
        name.eq_ignore_ascii_case(word)
            || name.first_chunk::<3>().is_some_and(|short| short.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests;
