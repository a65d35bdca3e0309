//! Format strings of dates and spans: runs of letters that stand for parts, and text between them.

use datafusion_common::{Result, exec_datafusion_err};

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter that stands for a part, and how often it was repeated.
    Part(char, usize),
    /// A character that stands for itself.
    Delimiter(char),
}

/// Splits a format into pieces.
///
/// # Errors
///
/// A letter stands for no part, or a character is no delimiter.
pub(super) fn pieces(format: &str, letters: &str) -> Result<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for character in format.chars() {
        if letters.contains(character) {
            match pieces.last_mut() {
                Some(Piece::Part(letter, count)) if *letter == character => {
                    *count = count.saturating_add(1);
                }
                _ => pieces.push(Piece::Part(character, 1)),
            }
        } else if " /-:,._[]".contains(character) {
            pieces.push(Piece::Delimiter(character));
        } else {
            return Err(exec_datafusion_err!("`{character}` stands for nothing in `{format}`"));
        }
    }
    Ok(pieces)
}

/// Writes a number with at least so many digits.
pub(super) fn write_number(number: i64, digits: usize, out: &mut String) {
    let text = number.to_string();
    out.extend(std::iter::repeat_n('0', digits.saturating_sub(text.len())));
    out.push_str(&text);
}

/// Writes the first digits of a second's fraction; `is_optional` leaves out zeros at the end.
pub(super) fn write_fraction(ticks: i64, digits: usize, is_optional: bool, out: &mut String) {
    let mut text = String::new();
    write_number(ticks, 7, &mut text);
    text.truncate(digits.min(7));
    out.push_str(if is_optional { text.trim_end_matches('0') } else { &text });
}
