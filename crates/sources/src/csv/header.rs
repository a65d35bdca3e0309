//! The header of a CSV file: what its columns are called, without what portals write behind.

use kql_types::{Ticks, timespan};

use super::fields::Fields;
use crate::problem::Reason;

/// Bytes that separate fields, the likeliest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Returns the delimiter and the line of the header if `text` starts with one.
///
/// A header has at least two fields, each of which looks like the name of a column.
pub(crate) fn find(text: &str) -> Option<(u8, &str)> {
    let line = text.lines().find(|line| !is_preamble(line))?;
    let is_header = |delimiter: &u8| {
        let mut fields = Fields::default();
        fields.split(line, *delimiter).is_ok()
            && fields.len() >= 2
            && (0..fields.len()).all(|place| is_name(&fields.text(line, place)))
    };
    Some((DELIMITERS.into_iter().find(is_header)?, line))
}

/// Tells whether a line in front of the header is none: PowerShell's type, Excel's separator.
pub(crate) fn is_preamble(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("#TYPE ") || line.starts_with("sep=")
}

/// A column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderColumn {
    /// The name, without what a portal writes behind it.
    pub(crate) name: String,
    /// The zone that its times are in.
    pub(crate) zone: Zone,
}

/// The time zone of a column's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Its distance from UTC, in ticks.
    Offset(Ticks),
    /// Nothing is said: times name their zone or do not.
    Unsaid,
    /// That of whoever exported, which is not said.
    Local,
}

/// Returns the columns.
///
/// Log Analytics' portal writes the time zone behind a datetime's name, `TimeGenerated [UTC]` or
/// `TimeGenerated [Local Time]`.
///
/// # Errors
///
/// A quoted name without an end.
pub(crate) fn columns(header: &str, delimiter: u8) -> Result<Vec<HeaderColumn>, Reason> {
    let mut fields = Fields::default();
    fields.split(header, delimiter)?;
    let column = |place| {
        let text = fields.text(header, place);
        let text = text.trim();
        let zoned = text.strip_suffix(']').and_then(|text| text.split_once(" ["));
        match zoned {
            Some((name, zone)) => HeaderColumn { name: name.to_owned(), zone: read_zone(zone) },
            None => HeaderColumn { name: text.to_owned(), zone: Zone::Unsaid },
        }
    };
    Ok((0..fields.len()).map(column).collect())
}

/// Reads `UTC`, or `UTC` with hours and minutes behind it; any other zone is one that is not known.
fn read_zone(zone: &str) -> Zone {
    let Some(distance) = zone.strip_prefix("UTC") else { return Zone::Local };
    if distance.is_empty() {
        return Zone::Offset(0);
    }
    offset(distance).map_or(Zone::Local, Zone::Offset)
}

/// Reads a distance from UTC: `+2`, `-05:30`, `+0530`.
fn offset(text: &str) -> Option<Ticks> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (Ticks, Ticks) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let hours = hours.checked_mul(timespan::HOUR)?;
    hours.checked_add(minutes.checked_mul(timespan::MINUTE)?)?.checked_mul(sign)
}

fn is_name(field: &str) -> bool {
    let field = field.trim();
    let is_part = |char: char| char.is_alphanumeric() || "_-.@ []()/:+".contains(char);
    field.starts_with(|first: char| first.is_alphabetic() || "_@$".contains(first))
        && field.chars().skip(1).all(is_part)
        && !field.ends_with('.')
        && field.len() <= 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_headers() {
        assert_eq!(find("a,b\n1,2\n"), Some((b',', "a,b")));
        assert_eq!(find("#TYPE X\r\n\"a\";\"b, c\"\r\n").map(|found| found.0), None);
        assert_eq!(find("#TYPE X\r\n\"a\";\"b\"\r\n"), Some((b';', "\"a\";\"b\"")));
        assert_eq!(find("a\tTime [UTC]\n"), Some((b'\t', "a\tTime [UTC]")));
        for text in ["", "one", "1,2\n", "<a,b>\n", "a,\n", "hello, 'world'!\n"] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn zones_stand_behind_names() {
        let header =
            "a,\"TimeGenerated [UTC]\",b [Local Time],c [UTC-05:30],d [UTC+2],e [Bern],f [x";
        let columns = columns(header, b',').unwrap();
        let found: Vec<_> = columns.iter().map(|column| (&*column.name, column.zone)).collect();
        let minutes = |minutes: Ticks| Zone::Offset(minutes * timespan::MINUTE);
        assert_eq!(
            found,
            [
                ("a", Zone::Unsaid),
                ("TimeGenerated", minutes(0)),
                ("b", Zone::Local),
                ("c", minutes(-330)),
                ("d", minutes(120)),
                ("e", Zone::Local),
                ("f [x", Zone::Unsaid),
            ]
        );
    }
}
