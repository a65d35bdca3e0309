//! FILETIME and SYSTEMTIME as the Event Viewer's XML writes them.

/// FILETIME ticks in a second, and in a day.
const TICKS_PER_SECOND: u64 = 10_000_000;
const TICKS_PER_DAY: u64 = 86_400 * TICKS_PER_SECOND;
/// Days from 0000-03-01, where years start for this arithmetic, to 1601-01-01.
const DAYS_TO_1601: u64 = 584_694;

/// Appends a FILETIME, `2021-04-21T09:40:32.3423972Z`.
///
/// As on Windows, years past 9999 keep their last four digits, and a value past `i64::MAX` is all
/// zeros.
pub(crate) fn push_filetime(filetime: u64, out: &mut Vec<u8>) {
    let Ok(_) = i64::try_from(filetime) else {
        return push_fields([0; 6], 0, out);
    };
    let (year, month, day) = date(filetime / TICKS_PER_DAY);
    let seconds = filetime % TICKS_PER_DAY / TICKS_PER_SECOND;
    let time = [year % 10_000, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60];
    push_fields(time, filetime % TICKS_PER_SECOND, out);
}

/// Appends a SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond.
///
/// As on Windows, one that is no time is `1601-01-01T00:00:00.0000000Z`.
pub(crate) fn push_systemtime(fields: [u16; 8], out: &mut Vec<u8>) {
    let [year, month, _, day, hour, minute, second, millisecond] = fields.map(u64::from);
    let is_time = (1601..=30827).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && millisecond < 1000;
    if is_time {
        let time = [year % 10_000, month, day, hour, minute, second];
        push_fields(time, millisecond.saturating_mul(10_000), out);
    } else {
        push_fields([1601, 1, 1, 0, 0, 0], 0, out);
    }
}

fn push_fields(fields: [u64; 6], ticks: u64, out: &mut Vec<u8>) {
    const AFTER: [u8; 6] = *b"--T::.";
    for (at, (field, after)) in fields.into_iter().zip(AFTER).enumerate() {
        push_digits(field, if at == 0 { 4 } else { 2 }, out);
        out.push(after);
    }
    push_digits(ticks, 7, out);
    out.push(b'Z');
}

/// Appends the last `count` decimal digits of a number.
fn push_digits(number: u64, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        let above = 10_u64.checked_pow(place).and_then(|power| number.checked_div(power));
        let digit = u8::try_from(above.unwrap_or(0) % 10).unwrap_or(0);
        out.push(b'0'.saturating_add(digit));
    }
}

/// Returns year, month and day of a day counted from 1601-01-01, in the Gregorian calendar.
///
/// Years start in March here, so that a leap day is the last of its year.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "at most 10,675,199 days go in, and every difference is of a number and a part of it"
)]
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_TO_1601;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let month = if is_next_year { month - 9 } else { month + 3 };
    (era * 400 + year + u64::from(is_next_year), month, day)
}

/// Returns the number of days in a month.
const fn days_in(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_event_model::{filetime_to_ticks, parse_xml_time};

    fn filetime(filetime: u64) -> String {
        let mut out = Vec::new();
        push_filetime(filetime, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn systemtime(fields: [u16; 8]) -> String {
        let mut out = Vec::new();
        push_systemtime(fields, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn filetimes_read_back() {
        assert_eq!(filetime(0), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(filetime(132_634_716_323_423_972), "2021-04-21T09:40:32.3423972Z");
        for days in (0..3_067_671).step_by(29) {
            let ticks = days * TICKS_PER_DAY + days;
            assert_eq!(parse_xml_time(&filetime(ticks)), filetime_to_ticks(ticks), "{days}");
        }
    }

    #[test]
    fn filetimes_beyond_the_calendar() {
        assert_eq!(filetime(i64::MAX.cast_unsigned()), "0828-09-14T02:48:05.4775807Z");
        assert_eq!(filetime(u64::MAX), "0000-00-00T00:00:00.0000000Z");
    }

    #[test]
    fn systemtimes_are_tested() {
        assert_eq!(systemtime([2020, 2, 6, 29, 1, 2, 3, 45]), "2020-02-29T01:02:03.0450000Z");
        for no_time in [[0; 8], [2019, 2, 0, 29, 0, 0, 0, 0], [2019, 1, 0, 1, 24, 0, 0, 0]] {
            assert_eq!(systemtime(no_time), "1601-01-01T00:00:00.0000000Z");
        }
    }
}
