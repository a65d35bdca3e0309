//! A `datetime` as text: the forms Kusto prints.

use std::fmt::{self, Display};

use super::{Civil, MAX, MIN};
use crate::ticks::{Ticks, digit, seven};

/// Returns the form `tostring` gives: `2020-01-02T03:04:05.6000000Z`, always seven digits.
///
/// Ticks outside the range of a datetime print as the nearest end of it.
/// Source: measured, `tostring(datetime(2020-01-02 03:04:05.6))`.
pub fn format(ticks: Ticks) -> impl Display {
    Text { ticks, separator: b'T', is_zoned: true, is_trimmed: false }
}

/// Returns the form of JSON results: `2020-01-02T03:04:05.6Z`, zeros at the end of the fraction cut.
///
/// Source: measured, `2020-01-01T00:00:00Z` and `2015-12-31T23:59:59.9Z`.
pub fn format_json(ticks: Ticks) -> impl Display {
    Text { ticks, separator: b'T', is_zoned: true, is_trimmed: true }
}

/// Returns the form of Kusto's tools and CSV exports: `2020-01-02 03:04:05.6000000`.
pub fn format_spaced(ticks: Ticks) -> impl Display {
    Text { ticks, separator: b' ', is_zoned: false, is_trimmed: false }
}

/// A datetime waiting to be printed.
struct Text {
    ticks: Ticks,
    separator: u8,
    is_zoned: bool,
    is_trimmed: bool,
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = Civil::from_ticks(self.ticks.clamp(MIN, MAX)) else {
            return Ok(());
        };
        let bytes = digits(civil, self.separator);
        let mut text = str::from_utf8(&bytes).unwrap_or_default();
        if self.is_trimmed {
            // The point goes too when nothing is left behind it; the zeros before it stay.
            text = text.trim_end_matches('0');
            text = text.strip_suffix('.').map_or(text, |whole| whole);
        }
        f.write_str(text)?;
        if self.is_zoned { f.write_str("Z") } else { Ok(()) }
    }
}

/// Writes `yyyy-MM-dd?HH:mm:ss.fffffff` into an array: one copy, no formatting machinery.
fn digits(civil: Civil, separator: u8) -> [u8; 27] {
    let [y1, y2, y3, y4] = four(civil.year);
    let [mo1, mo2] = two(civil.month);
    let [d1, d2] = two(civil.day);
    let [h1, h2] = two(civil.hour);
    let [mi1, mi2] = two(civil.minute);
    let [s1, s2] = two(civil.second);
    let [f1, f2, f3, f4, f5, f6, f7] = seven(civil.tick);
    [
        y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, separator, h1, h2, b':', mi1, mi2, b':', s1,
        s2, b'.', f1, f2, f3, f4, f5, f6, f7,
    ]
}

const fn two(number: u8) -> [u8; 2] {
    [digit(number as u32, 10), digit(number as u32, 1)]
}

const fn four(number: u16) -> [u8; 4] {
    let number = number as u32;
    [digit(number, 1_000), digit(number, 100), digit(number, 10), digit(number, 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_three_forms() {
        let civil =
            Civil { hour: 3, minute: 4, second: 5, tick: 6_000_000, ..Civil::midnight(2020, 1, 2) };
        let ticks = civil.ticks().unwrap();
        assert_eq!(format(ticks).to_string(), "2020-01-02T03:04:05.6000000Z");
        assert_eq!(format_json(ticks).to_string(), "2020-01-02T03:04:05.6Z");
        assert_eq!(format_spaced(ticks).to_string(), "2020-01-02 03:04:05.6000000");
        assert_eq!(format_json(MIN).to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(format_json(MAX).to_string(), "9999-12-31T23:59:59.9999999Z");
    }
}
