//! Strings looked for in text, all at once.

use std::{fmt, sync::OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};

/// Strings that are looked for in text, without regard to ASCII case.
///
/// They make a necessary condition: case beyond ASCII is not folded, so that text with characters
/// beyond ASCII, whatever it holds, counts as a match.
#[derive(Clone, Default)]
pub struct Needles {
    texts: Vec<String>,
    /// Compiled when first needed; `None` if they are too long for it.
    matcher: OnceLock<Option<AhoCorasick>>,
}

impl Needles {
    /// Returns the needles.
    pub const fn new(texts: Vec<String>) -> Self {
        Self { texts, matcher: OnceLock::new() }
    }

    /// Returns the strings looked for.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Tells whether one of the needles is in the text, or could be.
    pub fn may_be_in(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return true;
        }
        let matcher = self.matcher.get_or_init(|| {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard);
            builder.build(&self.texts).ok()
        });
        matcher.as_ref().is_none_or(|matcher| matcher.is_match(text))
    }
}

impl fmt::Debug for Needles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Needles").field(&self.texts).finish()
    }
}

/// What is compiled from the texts is no part of what the needles are.
impl PartialEq for Needles {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl Eq for Needles {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_case_does_not_count() {
        let needles = Needles::new(vec!["PsExec".to_owned(), "ADMIN$".to_owned()]);
        assert!(needles.may_be_in(r"\\HOST\admin$"));
        assert!(needles.may_be_in(r"C:\PSEXEC.exe"));
        assert!(!needles.may_be_in(r"C:\Windows"));
        assert!(!needles.may_be_in(""));
    }

    #[test]
    fn text_beyond_ascii_may_have_anything_in_it() {
        // The Kelvin sign is a `k` to who folds case as Unicode does.
        let needles = Needles::new(vec!["kk".to_owned()]);
        assert!(needles.may_be_in("\u{212a}\u{212a}"));
    }

    #[test]
    fn the_empty_needle_is_in_every_text() {
        assert!(Needles::new(vec![String::new()]).may_be_in(""));
        assert!(!Needles::new(vec![]).may_be_in("anything"));
    }
}
