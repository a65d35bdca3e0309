//! Text that a spreadsheet would run: how CSV of ours guards it, and how it is read back.
//!
//! Spreadsheets run a cell that starts with `=`, `+`, `-` or `@`, so text from a log must not start with
//! one. The guard is an apostrophe and a tab in front. The apostrophe alone would do for spreadsheets, but
//! it is common at the start of real text; the two together are not, so a reader can tell the guard from
//! data and take it away. Text that starts with the guard itself is guarded too, so nothing is lost.
//!
//! Source: OWASP, "CSV Injection".

use std::borrow::Cow;

/// What stands in front of guarded text.
pub const GUARD: &str = "'\t";

/// Tells whether text has to be guarded in CSV for people.
///
/// Numbers with a sign and a sign alone, which Windows writes for "none", are not formulas.
pub fn needs_guard(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) || text.starts_with(GUARD) {
        return true;
    }
    let visible = text.trim_start_matches(is_skipped);
    let mut chars = visible.chars();
    let Some(first) = chars.next() else { return false };
    let rest = chars.as_str();
    match first {
        '=' | '@' | '＝' | '＠' | '＋' | '－' => !rest.trim().is_empty(),
        '+' | '-' => !rest.trim().is_empty() && !is_number(rest),
        _ => false,
    }
}

/// Returns the text that CSV of ours stands for: without the guard, if it has one.
pub fn unguarded(field: Cow<'_, str>) -> Cow<'_, str> {
    match field {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix(GUARD).unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix(GUARD) {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    }
}

/// Tells whether a spreadsheet may skip a character before it looks for a formula.
fn is_skipped(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(char, '\u{feff}' | '\u{200b}'..='\u{200f}')
}

/// Tells whether a text is digits, with a point and an exponent at most.
fn is_number(text: &str) -> bool {
    let starts_and_ends_well = text.starts_with(|char: char| char.is_ascii_digit() || char == '.')
        && text.ends_with(|char: char| char.is_ascii_digit());
    let is_part = |char: char| char.is_ascii_digit() || matches!(char, '.' | 'e' | 'E' | '+' | '-');
    starts_and_ends_well && text.chars().all(is_part) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_wherever_they_hide() {
        for text in [
            "=1+1",
            " =1+1",
            "\u{a0}=1",
            "\t=1",
            "\tharmless",
            "\rx",
            "\n-1",
            "+49 30",
            "-enc AAAA",
            "@SUM(1)",
            "＝1+1",
            "　＋1",
            "－x",
            "＠x",
            "-1+cmd|' /C calc'!A0",
            "\u{feff}=1",
            "'\tx",
            "--",
            "-1-1",
            "+1e",
            "-0x10",
        ] {
            assert!(needs_guard(text), "{text:?}");
        }
    }

    #[test]
    fn numbers_signs_and_paths_are_not() {
        for text in [
            "",
            " ",
            "-",
            "+",
            "=",
            "@",
            " - ",
            "-5",
            "+1.5",
            "-1.5e-7",
            " -5",
            "-.5",
            "a=1",
            r"\\host\share",
            r"C:\Windows",
            "'=1",
            "'",
            "10-5",
            "/c -x",
        ] {
            assert!(!needs_guard(text), "{text:?}");
        }
    }

    #[test]
    fn the_guard_comes_off_once() {
        for text in ["=1", "'\t=1", "'\t'\tx", "\tx"] {
            let written = format!("{GUARD}{text}");
            assert_eq!(unguarded(Cow::Borrowed(&written)), text);
            assert_eq!(unguarded(Cow::Owned(written.clone())), text);
        }
        assert_eq!(unguarded(Cow::Borrowed("'=1")), "'=1");
    }
}
