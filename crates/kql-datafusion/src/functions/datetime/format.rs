//! Format strings of dates and spans: runs of letters that stand for parts, and text between them.

use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::Expr;

use super::{Call, Kernel};

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter that stands for a part, and how often it was repeated.
    Part(char, usize),
    /// A character that stands for itself.
    Delimiter(char),
}

/// A letter that stands for a part, and the lengths in which it does, longest first.
pub(super) type Specifier = (char, &'static [usize]);

/// Splits a format into pieces. A run of a letter is cut from the left into the longest specifiers that
/// there are, so that `ddd` is `dd` and `d`.
///
/// # Errors
///
/// The format is empty, a letter stands for no part in that number, or a character is no delimiter.
///
/// Source: measured.
pub(super) fn pieces(format: &str, specifiers: &[Specifier]) -> Result<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = format;
    while let Some(character) = rest.chars().next() {
        let error = || exec_datafusion_err!("`{character}` stands for nothing in `{format}`");
        let length = if let Some((_, lengths)) = specifiers.iter().find(|it| it.0 == character) {
            let run = rest.chars().take_while(|it| *it == character).count();
            let length = lengths.iter().copied().find(|length| *length <= run).ok_or_else(error)?;
            // `yyy` at the end of a format is `yy`, and stands nowhere else.
            let is_short_year = character == 'y' && run == 3 && length == 2;
            if is_short_year && rest.len() > run {
                return Err(error());
            }
            pieces.push(Piece::Part(character, length));
            if is_short_year { run } else { length }
        } else if " /-:,._[]".contains(character) {
            pieces.push(Piece::Delimiter(character));
            1
        } else {
            return Err(error());
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    if pieces.is_empty() {
        return Err(exec_datafusion_err!("a format needs at least one part"));
    }
    Ok(pieces)
}

/// Applies a kernel to a value and a format, unless the format is known to be none.
pub(super) fn lower(
    call: &Call,
    kernel: &'static Kernel,
    specifiers: &[Specifier],
) -> Option<Expr> {
    let format = call.arg(1)?;
    let is_none = matches!(
        &format,
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) if pieces(text, specifiers).is_err()
    );
    (!is_none).then(|| call.apply(kernel))
}

/// Writes a number with at least so many digits.
pub(super) fn write_number(number: i64, digits: usize, out: &mut String) {
    let text = number.to_string();
    out.extend(std::iter::repeat_n('0', digits.saturating_sub(text.len())));
    out.push_str(&text);
}

/// Writes the first digits of a second's fraction; `is_optional` writes nothing if all are zero.
///
/// Source: measured.
pub(super) fn write_fraction(ticks: i64, digits: usize, is_optional: bool, out: &mut String) {
    let mut text = String::new();
    write_number(ticks, 7, &mut text);
    text.truncate(digits.min(7));
    let is_zero = text.bytes().all(|digit| digit == b'0');
    out.push_str(if is_optional && is_zero { "" } else { &text });
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIFIERS: &[Specifier] = &[('d', &[2, 1]), ('t', &[2]), ('y', &[4, 2, 1])];

    #[test]
    fn a_run_that_is_longer_than_a_specifier_starts_again() {
        let lengths = |format: &str| {
            let pieces = pieces(format, SPECIFIERS).ok()?;
            let length = |piece| match piece {
                Piece::Part(_, length) => length,
                Piece::Delimiter(_) => 0,
            };
            Some(pieces.into_iter().map(length).collect::<Vec<_>>())
        };
        for (format, expected) in [
            ("ddd", Some(vec![2, 1])),
            ("dddd-d", Some(vec![2, 2, 0, 1])),
            ("tttt", Some(vec![2, 2])),
            ("yyyyy", Some(vec![4, 1])),
            ("yyy", Some(vec![2])),
            ("yyy-", None),
            ("t", None),
            ("ttt", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(lengths(format), expected, "{format}");
        }
    }

    #[test]
    fn an_optional_fraction_keeps_its_zeros_unless_all_are_zero() {
        let written = |ticks, digits| {
            let mut out = String::new();
            write_fraction(ticks, digits, true, &mut out);
            out
        };
        assert_eq!(written(5_000_000, 2), "50");
        assert_eq!(written(50_000, 2), "");
        assert_eq!(written(1_150, 7), "0001150");
    }
}
