//! Points in time: FILETIME, ticks since year 1, and the text of the event XML.

/// A point in time: 100 ns since 0001-01-01 UTC, as .NET counts them. Unlike a FILETIME it has every time that
/// event XML can write.
pub type Ticks = i64;

/// 100 ns ticks from 0001-01-01 to 1601-01-01, where a FILETIME starts.
const FILETIME_EPOCH: i64 = 504_911_232_000_000_000;
/// The last tick of year 9999.
const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
const TICKS_PER_SECOND: i64 = 10_000_000;

/// Returns the ticks since 0001-01-01 of a FILETIME, `None` past the end of year 9999.
pub fn filetime_to_ticks(filetime: u64) -> Option<Ticks> {
    let ticks = i64::try_from(filetime).ok()?.checked_add(FILETIME_EPOCH)?;
    (ticks <= MAX_TICKS).then_some(ticks)
}

/// Reads the time as event XML writes it, `2021-04-21T09:40:32.3423972Z`.
pub fn parse_xml_time(text: &str) -> Option<Ticks> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let year = number(date.next()?, 4)?;
    let month = number(date.next()?, 2)?;
    let day = number(date.next()?, 2)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':');
    let hour = number(time.next()?, 2)?;
    let minute = number(time.next()?, 2)?;
    let second = number(time.next()?, 2)?;
    let in_range = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && (1..=7).contains(&fraction.len());
    if !in_range {
        return None;
    }
    let scale = 10_i64.checked_pow(7_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?)?;
    let fraction = number(fraction, fraction.len())?.checked_mul(scale)?;
    days_before(year, month, day)?
        .checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?
        .checked_mul(60)?
        .checked_add(second)?
        .checked_mul(TICKS_PER_SECOND)?
        .checked_add(fraction)
}

/// Returns the days from 0001-01-01 to a date of the proleptic Gregorian calendar.
fn days_before(year: i64, month: i64, day: i64) -> Option<i64> {
    const CUMULATIVE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years = year.checked_sub(1)?;
    let leap_days = years.div_euclid(4).checked_sub(years.div_euclid(100))?;
    let leap_days = leap_days.checked_add(years.div_euclid(400))?;
    let in_year = CUMULATIVE.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    years
        .checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(*in_year)?
        .checked_add(i64::from(is_leap && month > 2))?
        .checked_add(day.checked_sub(1)?)
}

/// Reads exactly `len` decimal digits.
fn number(text: &str, len: usize) -> Option<i64> {
    let is_number = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filetime_starts_in_1601() {
        assert_eq!(filetime_to_ticks(0), parse_xml_time("1601-01-01T00:00:00Z"));
        assert_eq!(
            filetime_to_ticks(132_634_716_323_423_972),
            parse_xml_time("2021-04-21T09:40:32.3423972Z")
        );
        assert_eq!(filetime_to_ticks(u64::MAX), None);
    }

    #[test]
    fn xml_time_covers_year_one_to_9999() {
        assert_eq!(parse_xml_time("0001-01-01T00:00:00.0000000Z"), Some(0));
        assert_eq!(parse_xml_time("9999-12-31T23:59:59.9999999Z"), Some(MAX_TICKS));
        assert_eq!(parse_xml_time("2020-02-29T00:00:00.5Z"), Some(637_185_312_005_000_000));
        assert_eq!(parse_xml_time("2020-13-01T00:00:00Z"), None);
        assert_eq!(parse_xml_time("2020-1-01T00:00:00Z"), None);
        assert_eq!(parse_xml_time(""), None);
    }
}
