//! `timespan`: a number of 100 ns ticks, its text forms and its units.
//!
//! In: text or ticks. Out: ticks or text; `None` where Kusto's conversion gives null.

use std::fmt::{self, Display};

use crate::ticks::{Ticks, seven};

/// Ticks of a microsecond.
pub const MICROSECOND: Ticks = 10;
/// Ticks of a millisecond.
pub const MILLISECOND: Ticks = 10_000;
/// Ticks of a second.
pub const SECOND: Ticks = 10_000_000;
/// Ticks of a minute.
pub const MINUTE: Ticks = 600_000_000;
/// Ticks of an hour.
pub const HOUR: Ticks = 36_000_000_000;
/// Ticks of a day.
pub const DAY: Ticks = 864_000_000_000;

/// Reads a timespan as `totimespan(string)` does, or `None` where that gives null.
///
/// - The clock form `[-][d.]hh:mm[:ss[.fffffff]]`, hours below 24, minutes and seconds below 60;
///   digits after the seventh are dropped.
/// - The literal form: a number and a unit, `1d`, `1.5h`, `100ms`.
/// - Blanks around either. A bare number is no timespan here (see [`parse_literal`]).
///
/// Source: measured (`' 1.00:00:00 '`, `'10'`, `'00:01:00 junk'`, `'00:00:00.00000049'`); that the
/// literal form converts is inferred.
pub fn parse(text: &str) -> Option<Ticks> {
    let text = text.trim();
    let (is_negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let ticks = if magnitude.contains(':') { clock(magnitude)? } else { with_unit(magnitude)? };
    if is_negative { ticks.checked_neg() } else { Some(ticks) }
}

/// Reads what stands in `timespan(…)` or `time(…)`: [`parse`], or a bare number of days.
///
/// Source: documented and measured, `time(2)` is two days.
pub fn parse_literal(text: &str) -> Option<Ticks> {
    let text = text.trim();
    parse(text).or_else(|| match text.strip_prefix('-') {
        Some(magnitude) => scale(magnitude, DAY)?.checked_neg(),
        None => scale(text, DAY),
    })
}

/// Returns the ticks of a unit as timespan literals name it: `d`, `hours`, `microsecond`, `tick`, ….
///
/// A nanosecond is less than a tick and has no answer here.
pub fn unit(name: &str) -> Option<Ticks> {
    Some(match name {
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "m" | "min" | "minute" | "minutes" => MINUTE,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => MILLISECOND,
        "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => MICROSECOND,
        "tick" | "ticks" => 1,
        _ => return None,
    })
}

/// Returns the text form `[-][d.]hh:mm:ss[.fffffff]`.
///
/// The days appear only when there are some, the fraction only when it is not zero.
/// Source: measured, `1.00:00:00`, `-02:00:00`, `00:00:01.5000000`.
pub fn format(ticks: Ticks) -> impl Display {
    Text(ticks)
}

/// A timespan waiting to be printed.
struct Text(Ticks);

impl Display for Text {
    #[expect(clippy::arithmetic_side_effects, reason = "divisions by positive constants")]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than a second's ticks fit in 32 bits"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let of = |unit: Ticks| magnitude / unit.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if of(DAY) > 0 {
            write!(f, "{}.", of(DAY))?;
        }
        write!(f, "{:02}:{:02}:{:02}", of(HOUR) % 24, of(MINUTE) % 60, of(SECOND) % 60)?;
        let fraction = (magnitude % SECOND.unsigned_abs()) as u32;
        if fraction > 0 {
            f.write_str(".")?;
            f.write_str(str::from_utf8(&seven(fraction)).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Reads `[d.]hh:mm[:ss[.f…]]`.
fn clock(text: &str) -> Option<Ticks> {
    let mut parts = text.split(':');
    let (days_and_hours, minutes) = (parts.next()?, parts.next()?);
    let (seconds, fraction) = match parts.next() {
        Some(part) => part.split_once('.').map_or((part, None), |(s, f)| (s, Some(f))),
        None => ("0", None),
    };
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = days_and_hours.split_once('.').unwrap_or(("0", days_and_hours));
    let fraction = fraction.map_or(Some(0), fraction_ticks)?;
    number(days, i64::MAX)?
        .checked_mul(DAY)?
        .checked_add(number(hours, 23)?.checked_mul(HOUR)?)?
        .checked_add(number(minutes, 59)?.checked_mul(MINUTE)?)?
        .checked_add(number(seconds, 59)?.checked_mul(SECOND)?)?
        .checked_add(fraction)
}

/// Reads digits of a second's fraction as ticks; digits after the seventh are dropped.
pub(crate) fn fraction_ticks(digits: &str) -> Option<Ticks> {
    if digits.is_empty() {
        return None;
    }
    let mut ticks = 0i64;
    let mut place = SECOND;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        place = place.checked_div(10)?;
        ticks = ticks.checked_add(place.checked_mul(i64::from(byte.wrapping_sub(b'0')))?)?;
    }
    Some(ticks)
}

/// Reads up to 18 digits as a number of at most `max`.
fn number(digits: &str, max: i64) -> Option<i64> {
    let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = if is_number { digits.parse().ok()? } else { return None };
    (number <= max).then_some(number)
}

/// Reads a number and its unit, `1.5h`; blanks may stand between.
fn with_unit(text: &str) -> Option<Ticks> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (count, name) = text.split_at_checked(split)?;
    let count = count.trim_end();
    if matches!(name, "nanosecond" | "nanoseconds" | "nano" | "nanos") {
        return scale(whole(count)?, 1)?.checked_div(100);
    }
    let unit = unit(name)?;
    // Measured: `0.5microseconds` is 0 and `1.5ticks` is 1, while `0.5ms` is exact.
    scale(if unit <= MICROSECOND { whole(count)? } else { count }, unit)
}

/// Returns the digits before the decimal point, after checking those behind it.
fn whole(count: &str) -> Option<&str> {
    scale(count, 1)?;
    Some(count.split_once('.').map_or(count, |(whole, _)| whole))
}

/// Multiplies a decimal number such as `1.5` by `unit`, exactly; a rest below one tick is dropped.
fn scale(count: &str, unit: Ticks) -> Option<Ticks> {
    let (whole, fraction) = count.split_once('.').unwrap_or((count, "0"));
    let whole = i128::from(number(whole, i64::MAX)?).checked_mul(i128::from(unit))?;
    // Eighteen digits of a day are far below a tick; more would only overflow.
    let fraction = fraction.get(..fraction.len().min(18))?;
    let divisor = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = i128::from(number(fraction, i64::MAX)?)
        .checked_mul(i128::from(unit))?
        .checked_div(divisor)?;
    i64::try_from(whole.checked_add(part)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_the_engine_was_seen_to_read() {
        let cases = [
            ("1.02:03:04", 937_840_000_000),
            (" 1.00:00:00 ", DAY),
            ("\t2.00:00:00", 2 * DAY),
            (" -1.02:03:04", -937_840_000_000),
            ("00:00:01.1234560", 11_234_560),
            ("00:00:00.0000005", 5),
            ("00:00:00.00000049", 4),
            ("0.00:03:00", 3 * MINUTE),
            ("10:00", 10 * HOUR),
            ("-12:00:00", -12 * HOUR),
        ];
        for (text, ticks) in cases {
            assert_eq!(parse(text), Some(ticks), "{text}");
        }
        for text in ["abc", "10", "00:01:00 junk", "00:01:00xyz", "", "-", ":", "1:2:3:4", "24:00"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn reads_literals() {
        let cases = [
            ("1d", DAY),
            ("90m", 90 * MINUTE),
            ("1.5h", 90 * MINUTE),
            ("1tick", 1),
            ("10ms", 10 * MILLISECOND),
            ("5microseconds", 50),
            ("2days", 2 * DAY),
            ("3hours", 3 * HOUR),
            ("0.1s", SECOND / 10),
            ("15 seconds", 15 * SECOND),
            ("2", 2 * DAY),
            ("-1.00:00:00", -DAY),
            ("150nanoseconds", 1),
            ("199nanoseconds", 1),
            ("250nanoseconds", 2),
            ("0.5microseconds", 0),
            ("1.5ticks", 1),
            ("-2d", -2 * DAY),
        ];
        for (text, ticks) in cases {
            assert_eq!(parse_literal(text), Some(ticks), "{text}");
        }
        for text in ["1x", "d", "1.d", "1e3s", "99999999999999999d", "--1d", "1.5", "é"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn prints_the_text_form() {
        let cases = [
            (DAY, "1.00:00:00"),
            (-2 * HOUR, "-02:00:00"),
            (15_000_000, "00:00:01.5000000"),
            (0, "00:00:00"),
            (1230, "00:00:00.0001230"),
            (i64::MIN, "-10675199.02:48:05.4775808"),
        ];
        for (ticks, text) in cases {
            assert_eq!(format(ticks).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn text_reads_back(ticks in -i64::MAX..=i64::MAX) {
            prop_assert_eq!(parse(&format(ticks).to_string()), Some(ticks));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}|[-0-9.:dhms ]{0,24}") {
            let _ = (parse(&text), parse_literal(&text));
        }
    }
}
