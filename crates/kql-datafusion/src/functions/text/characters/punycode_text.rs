//! Punycode, as RFC 3492 has it: the ASCII of a text, a hyphen, and where the rest goes.
//!
//! Of our own: the libraries for names of hosts also fold case and refuse what no host may be called,
//! which Kusto's functions do not.

const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;

/// Writes a text.
pub(in crate::functions::text) fn encode(text: &str) -> String {
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).unwrap_or(u32::MAX);
    if !out.is_empty() {
        out.push('-');
    }
    let codes: Vec<u32> = text.chars().map(u32::from).collect();
    let (mut code, mut delta, mut bias, mut done) = (FIRST_CODE, 0_u32, FIRST_BIAS, basic);
    while let Some(&next) = codes.iter().filter(|it| **it >= code).min() {
        let step = next.saturating_sub(code).saturating_mul(done.saturating_add(1));
        delta = delta.saturating_add(step);
        code = next;
        for &it in &codes {
            if it < code {
                delta = delta.saturating_add(1);
            } else if it == code {
                write_number(delta, bias, &mut out);
                bias = adapted(delta, done.saturating_add(1), done == basic);
                delta = 0;
                done = done.saturating_add(1);
            }
        }
        delta = delta.saturating_add(1);
        code = code.saturating_add(1);
    }
    out
}

/// Reads a text; `None` if it is no Punycode.
pub(in crate::functions::text) fn decode(text: &str) -> Option<String> {
    let (basic, rest) = text.rsplit_once('-').unwrap_or(("", text));
    if !text.is_ascii() {
        return None;
    }
    let mut chars: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (FIRST_CODE, 0_u32, FIRST_BIAS);
    let mut digits = rest.bytes();
    while digits.len() > 0 {
        let before = at;
        let (mut weight, mut place) = (1_u32, BASE);
        loop {
            let digit = digit_of(digits.next()?)?;
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(place, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE.saturating_sub(threshold))?;
            place = place.checked_add(BASE)?;
        }
        let count = u32::try_from(chars.len()).ok()?.checked_add(1)?;
        bias = adapted(at.checked_sub(before)?, count, before == 0);
        code = code.checked_add(at.checked_div(count)?)?;
        at = at.checked_rem(count)?;
        chars.insert(usize::try_from(at).ok()?, char::from_u32(code)?);
        at = at.checked_add(1)?;
    }
    Some(chars.into_iter().collect())
}

fn write_number(number: u32, bias: u32, out: &mut String) {
    let (mut rest, mut place) = (number, BASE);
    loop {
        let threshold = threshold(place, bias);
        if rest < threshold {
            break;
        }
        let above = rest.saturating_sub(threshold);
        let span = BASE.saturating_sub(threshold);
        out.push(char_of(threshold.saturating_add(above.checked_rem(span).unwrap_or_default())));
        rest = above.checked_div(span).unwrap_or_default();
        place = place.saturating_add(BASE);
    }
    out.push(char_of(rest));
}

fn threshold(place: u32, bias: u32) -> u32 {
    place.saturating_sub(bias).clamp(LEAST, MOST)
}

fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta = delta.saturating_add(delta.checked_div(count).unwrap_or_default());
    let mut places = 0_u32;
    while delta > (BASE - LEAST) * MOST / 2 {
        delta /= BASE - LEAST;
        places = places.saturating_add(BASE);
    }
    let share = delta.saturating_mul(BASE - LEAST + 1).checked_div(delta.saturating_add(SKEW));
    places.saturating_add(share.unwrap_or_default())
}

/// Letters stand for 0 to 25, figures for 26 to 35.
fn char_of(digit: u32) -> char {
    char::from_digit(digit.saturating_add(10) % BASE, BASE).unwrap_or('a')
}

fn digit_of(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(BASE).map(|value| value.saturating_add(26) % BASE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writes_and_reads() {
        for (text, encoded) in [
            ("académie-française", "acadmie-franaise-npb1a"),
            ("艺术", "cqv902d"),
            ("bücher", "bcher-kva"),
            ("", ""),
            ("abc", "abc-"),
        ] {
            assert_eq!(encode(text), encoded);
            assert_eq!(decode(encoded).as_deref(), Some(text));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "\\PC{0,20}") {
            prop_assert_eq!(decode(&encode(&text)), Some(text));
        }

        #[test]
        fn no_text_panics(text in "[ -~]{0,30}") {
            drop(decode(&text));
        }
    }
}
