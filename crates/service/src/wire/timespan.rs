//! The times that a request is about, as Azure's clients write them.

use kql_types::{Ticks, datetime};

use crate::queries::Span;

const SECOND: Ticks = 10_000_000;
const DAY: Ticks = 86_400 * SECOND;

/// Reads a length of time in ISO 8601, two times, or a time and a length: `P1D`, `PT1H30M`, `…/…`.
pub(crate) fn span(text: &str) -> Option<Span> {
    let Some((from, to)) = text.split_once('/') else { return length(text).map(Span::Last) };
    let (start, end) = (datetime::parse(from), datetime::parse(to));
    let (start, end) = match (start, end) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => (start, start.checked_add(length(to)?)?),
        (None, Some(end)) => (end.checked_sub(length(from)?)?, end),
        (None, None) => return None,
    };
    (start <= end).then_some(Span::Between(start, end))
}

/// Reads a length of time in ISO 8601. Years and months, which differ in length, have none.
fn length(text: &str) -> Option<Ticks> {
    let text = text.strip_prefix('P')?;
    let (days, times) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((days, times)) => (days, times),
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let of_days = parts(days, &[('W', 7 * DAY), ('D', DAY)])?;
    let of_times = parts(times, &[('H', 3_600 * SECOND), ('M', 60 * SECOND), ('S', SECOND)])?;
    of_days.checked_add(of_times)
}

/// Adds up numbers, each with its unit, in the order of the units; the last one may have a fraction.
fn parts(text: &str, units: &[(char, Ticks)]) -> Option<Ticks> {
    let (mut rest, mut sum) = (text, 0_i64);
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest.find(|char: char| char.is_ascii_alphabetic())?;
        let (number, behind) = rest.split_at_checked(end)?;
        let unit = behind.chars().next()?;
        let (_, ticks) = units.find(|(name, _)| *name == unit)?;
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
        let whole: Ticks = whole.parse().ok().filter(|whole| *whole >= 0)?;
        sum = sum.checked_add(whole.checked_mul(*ticks)?)?;
        let mut value = *ticks;
        for digit in fraction.chars() {
            value /= 10;
            let digit = Ticks::from(digit.to_digit(10)?);
            sum = sum.checked_add(value.checked_mul(digit)?)?;
        }
        rest = behind.get(unit.len_utf8()..)?;
        if !fraction.is_empty() && !rest.is_empty() {
            return None;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_times_are_read() {
        let hour = 3_600 * SECOND;
        for (text, length) in [
            ("P1D", 24 * hour),
            ("PT1H30M", hour + hour / 2),
            ("P1DT12H", 36 * hour),
            ("P2W", 14 * 24 * hour),
            ("PT0.5S", SECOND / 2),
            ("P30D", 30 * 24 * hour),
        ] {
            assert_eq!(span(text), Some(Span::Last(length)), "{text}");
        }
        let at = |text| datetime::parse(text).unwrap();
        let day = Span::Between(at("2024-05-01"), at("2024-05-02"));
        for text in ["2024-05-01/2024-05-02", "2024-05-01T00:00:00Z/P1D", "PT24H/2024-05-02T00:00Z"]
        {
            assert_eq!(span(text), Some(day), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "1D",
            "P1M",
            "P1Y",
            "PT1D",
            "P1H",
            "PT1M1H",
            "PT-1H",
            "PT1.5H1M",
            "PxD",
            "2024-05-02/2024-05-01",
            "P1D/P1D",
            "/",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
