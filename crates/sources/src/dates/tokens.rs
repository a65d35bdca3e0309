//! A date's text as numbers, words and marks, whatever the script.

use std::{iter::Peekable, str::Chars};

/// A part of a date's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number, and how many digits it has.
    Number(u32, usize),
    /// The digits of a number that is too long to be one.
    Digits(String),
    /// Letters in lower case.
    Word(String),
    /// A unit of a date or time that stands behind its number, such as `年`.
    Unit(char),
    /// Any other mark.
    Mark(char),
    /// One or more blanks.
    Blank,
}

/// Digits that a number may have; longer ones are fractions of a second.
const NUMBER_DIGITS: usize = 8;
/// Units of dates and times that follow their number without a blank, in Chinese, Japanese, Korean.
const UNITS: &str = "年月日号時时分秒년월일시분초";
/// The zeros of the scripts that have decimal digits of their own.
///
/// Source: Unicode character database, general category `Nd`.
const ZEROS: [u32; 19] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10,
];

/// Splits a text.
pub(super) fn split(text: &str) -> Vec<Token> {
    // Kibana writes `Feb 9, 2026 @ 20:15:02.000`.
    let text = text.replace(" @ ", " ");
    let text: String = text.chars().filter_map(plain).flat_map(char::to_lowercase).collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&char) = chars.peek() {
        let token = if char == ' ' {
            while chars.next_if_eq(&' ').is_some() {}
            Token::Blank
        } else if char.is_ascii_digit() {
            number(&mut chars)
        } else if UNITS.contains(char) && matches!(tokens.last(), Some(Token::Number(..))) {
            chars.next();
            Token::Unit(char)
        } else if is_letter(char) {
            let mut word = String::new();
            while let Some(letter) = chars.next_if(|char| is_letter(*char)) {
                word.push(letter);
            }
            Token::Word(word)
        } else {
            chars.next();
            Token::Mark(char)
        };
        tokens.push(token);
    }
    tokens
}

fn number(chars: &mut Peekable<Chars<'_>>) -> Token {
    let mut digits = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    let number = digits.parse().ok().filter(|_| digits.len() <= NUMBER_DIGITS);
    number.map_or(Token::Digits(digits.clone()), |number| Token::Number(number, digits.len()))
}

/// Returns the character that stands for a character of another script; `None` for one that only tells
/// the direction of writing.
fn plain(char: char) -> Option<char> {
    Some(match char {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => return None,
        '\u{061c}' | '\u{feff}' => return None,
        '\u{060c}' | '\u{ff0c}' | '\u{3001}' => ',',
        '\u{ff1a}' => ':',
        '\u{ff0f}' => '/',
        '\u{ff0e}' => '.',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
        _ if char.is_whitespace() => ' ',
        _ => digit(char).unwrap_or(char),
    })
}

fn digit(char: char) -> Option<char> {
    let code = u32::from(char);
    let value =
        ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Tells whether a character is part of a word: letters, and what is written above or below them.
fn is_letter(char: char) -> bool {
    char.is_alphabetic() || (!char.is_ascii() && !char.is_ascii_punctuation())
}
