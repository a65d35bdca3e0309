//! The header of a CSV file: what its columns are called, without what portals write behind.

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

/// Returns the names of the columns.
///
/// Log Analytics' portal writes the time zone behind a datetime's name, `TimeGenerated [UTC]`.
///
/// # Errors
///
/// [`Reason::LocalTime`] if the zone is another one: which one is not said, and times off by hours
/// would be worse than none.
pub(crate) fn names(header: &str, delimiter: u8) -> Result<Vec<String>, Reason> {
    let mut fields = Fields::default();
    fields.split(header, delimiter)?;
    (0..fields.len())
        .map(|place| {
            let text = fields.text(header, place);
            let text = text.trim();
            match text.split_once(" [") {
                None => Ok(text.to_owned()),
                Some((name, "UTC]")) => Ok(name.to_owned()),
                Some(_) => Err(Reason::LocalTime { column: text.to_owned() }),
            }
        })
        .collect()
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
    fn utc_is_the_only_zone() {
        assert_eq!(names("a,\"TimeGenerated [UTC]\"", b',').unwrap(), ["a", "TimeGenerated"]);
        let error = names("Timestamp [Local Time],a", b',').unwrap_err();
        assert!(
            error.to_string().starts_with("column `Timestamp [Local Time]` is in a local time")
        );
    }
}
