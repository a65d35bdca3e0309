//! Text from logs made safe for a terminal, and measured in its columns.
//!
//! In: any text. Out: text in which nothing moves the cursor, changes a colour, reverses the reading
//! direction or hides, cut or wrapped to a width. Widths are columns of a terminal.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visible {
    pub(crate) text: String,
    pub(crate) width: usize,
    /// Characters of the original that did not fit into the limit.
    pub(crate) dropped: usize,
}

/// How many combining marks may follow one another before they are shown as escapes.
const MAX_MARKS: usize = 4;

impl Visible {
    /// Escapes `text` until `max_width` columns are full; costs no more memory than that.
    ///
    /// A line break shows as `\n`, the escape character as `\x1b`, a character that hides or reverses
    /// text as `\u{202e}`. A backslash stays as it is: most of those in logs are in paths.
    pub(crate) fn new(text: &str, max_width: usize) -> Self {
        let mut visible = Self::default();
        let mut marks = 0usize;
        let mut chars = text.chars();
        let mut escaped = String::new();
        while let Some(char) = chars.next() {
            let width = char.width().unwrap_or(0);
            marks = if width == 0 { marks.saturating_add(1) } else { 0 };
            escaped.clear();
            if is_hidden(char) || marks > MAX_MARKS {
                escape(char, &mut escaped);
            } else {
                escaped.push(char);
            }
            let after = visible.width.saturating_add(escaped.width());
            if after > max_width {
                visible.dropped = chars.count().saturating_add(1);
                break;
            }
            visible.width = after;
            visible.text.push_str(&escaped);
        }
        visible
    }

    /// Returns the text in at most `width` columns; an ellipsis ends it if something is missing.
    pub(crate) fn cut(&self, width: usize) -> String {
        if self.dropped == 0 && self.width <= width {
            return self.text.clone();
        }
        let (mut head, _) = split(&self.text, width.saturating_sub(1));
        head.push('…');
        head
    }

    /// Returns the text in lines of `width` columns, at most `max_lines` of them.
    ///
    /// What does not fit is counted on the last line.
    pub(crate) fn wrap(&self, width: usize, max_lines: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = self.text.as_str();
        while !rest.is_empty() && lines.len() < max_lines {
            let (line, tail) = split(rest, width);
            if tail.len() == rest.len() {
                break;
            }
            rest = tail;
            lines.push(line);
        }
        let missing = rest.chars().count().saturating_add(self.dropped);
        if missing > 0 {
            lines.push(format!("… {missing} more characters"));
        }
        lines
    }
}

/// Splits text so that the head takes at most `width` columns.
fn split(text: &str, width: usize) -> (String, &str) {
    let mut used = 0usize;
    let end = text
        .char_indices()
        .find(|(_, char)| {
            used = used.saturating_add(char.width().unwrap_or(0));
            used > width
        })
        .map_or(text.len(), |(at, _)| at);
    let (head, tail) = text.split_at_checked(end).unwrap_or((text, ""));
    (head.to_owned(), tail)
}

/// Tells whether a character acts on the terminal or is not seen.
///
/// Controls; Unicode's default-ignorable characters, among them those that reverse text; line and
/// paragraph separators. Source: Unicode, `DerivedCoreProperties`, `Default_Ignorable_Code_Point`.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn escape(char: char, out: &mut String) {
    let written = match char {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        _ if char.is_ascii() => write!(out, "\\x{:02x}", u32::from(char)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(char)),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shows_what_would_act() {
        for (text, shown) in [
            ("\u{1b}[2J\u{1b}]0;x\u{7}", r"\x1b[2J\x1b]0;x\x07"),
            ("a\r\nb\tc", r"a\r\nb\tc"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("exe\u{202e}fdp", r"exe\u{202e}fdp"),
            ("zero\u{200b}width", r"zero\u{200b}width"),
            (r"C:\Windows", r"C:\Windows"),
            ("é艺", "é艺"),
        ] {
            assert_eq!(Visible::new(text, 100).text, shown);
        }
    }

    #[test]
    fn cuts_and_wraps_by_columns() {
        let visible = Visible::new("艺术.com", 100);
        assert_eq!(visible.width, 8);
        assert_eq!(visible.cut(8), "艺术.com");
        assert_eq!(visible.cut(4), "艺…");
        assert_eq!(visible.cut(0), "…");
        assert_eq!(visible.wrap(5, 9), ["艺术.", "com"]);
        assert_eq!(visible.wrap(5, 1), ["艺术.", "… 3 more characters"]);
        assert_eq!(visible.wrap(1, 9), ["… 6 more characters"]);
        assert_eq!(
            Visible::new("abcdef", 4),
            Visible { text: "abcd".into(), width: 4, dropped: 2 }
        );
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_nothing_is_too_wide(text: String, max in 1usize..40) {
            let visible = Visible::new(&text, max);
            prop_assert!(!visible.text.contains(is_hidden));
            prop_assert!(visible.width <= max);
            let most_chars = max.saturating_add(1).saturating_mul(MAX_MARKS.saturating_add(1));
            prop_assert!(visible.text.chars().count() <= most_chars);
            prop_assert!(visible.cut(max).width() <= max);
            prop_assert!(visible.wrap(max, 3).len() <= 4);
        }
    }
}
