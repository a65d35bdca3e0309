//! The query's text within messages.

use std::borrow::Cow;

/// The most characters of the query that a message repeats.
const MAX_CHARS: usize = 40;

/// Returns a text as a message shows it: its first line, cut where it is long.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    let line = text.lines().next().unwrap_or("");
    let cut = line.char_indices().nth(MAX_CHARS).map_or(line.len(), |(at, _)| at);
    match line.get(..cut) {
        Some(start) if start.len() < text.len() => Cow::Owned(format!("{}…", start.trim_end())),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn long_texts_and_texts_of_several_lines_are_cut() {
        assert_eq!(excerpt("short"), "short");
        assert_eq!(excerpt("first \nsecond"), "first…");
        assert_eq!(excerpt(&"ä".repeat(50)), format!("{}…", "ä".repeat(40)));
    }
}
