//! One needle, compiled: the matcher behind `has`, `contains`, `startswith`, `=~` and their kin.
//!
//! A needle of ASCII is searched for byte by byte, at memory speed, and then verified. Everything
//! else goes through a regular expression, which also is the definition: `(?i)` folds case as
//! Unicode's simple case folding does.

use std::sync::OnceLock;

use datafusion_common::{DataFusionError, Result};
use memchr::{memchr_iter, memchr2_iter, memmem};
use regex::{Regex, RegexBuilder};

use super::{
    rare_byte::rarest,
    term::{is_boundary_after, is_boundary_before, is_term_char},
};

/// What has to lie at an end of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Anything.
    Free,
    /// The end of a term, if the needle itself has a letter or digit there.
    Term,
    /// The end of the text.
    Text,
}

/// How a needle is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) leading: Edge,
    pub(super) trailing: Edge,
    pub(super) ignores_case: bool,
}

/// A compiled needle.
pub(super) struct Needle {
    text: String,
    manner: Manner,
    search: Search,
}

/// How candidates are found.
enum Search {
    /// Case counts.
    Exact(Box<memmem::Finder<'static>>),
    /// ASCII without regard to case, by its rarest byte in both cases.
    Ascii {
        /// Where the byte stands in the needle.
        position: usize,
        byte: u8,
        /// The needle has a letter that a character beyond ASCII folds to: `k` (the Kelvin sign)
        /// or `s` (the long s).
        folds_beyond_ascii: bool,
        /// For text with characters beyond ASCII then.
        folding: OnceLock<Option<Regex>>,
    },
    /// Beyond ASCII, without regard to case.
    Folding(Regex),
    /// The empty needle, without regard to case.
    Empty,
}

impl Needle {
    /// Compiles a needle.
    ///
    /// # Errors
    ///
    /// The needle is longer than the regular expressions that its characters need may be.
    pub(super) fn new(text: &str, manner: Manner) -> Result<Self> {
        let manner = Manner {
            leading: effective(manner.leading, text.chars().next()),
            trailing: effective(manner.trailing, text.chars().next_back()),
            ..manner
        };
        let search = if !manner.ignores_case {
            Search::Exact(Box::new(memmem::Finder::new(text).into_owned()))
        } else if !text.is_ascii() {
            Search::Folding(folding(text, manner)?)
        } else if let Some((position, byte)) = rarest(text.as_bytes()) {
            let folds_beyond_ascii = text.contains(['k', 'K', 's', 'S']);
            Search::Ascii { position, byte, folds_beyond_ascii, folding: OnceLock::new() }
        } else {
            Search::Empty
        };
        Ok(Self { text: text.to_owned(), manner, search })
    }

    /// Tells whether the needle occurs in `text` in its manner.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match &self.search {
            Search::Exact(finder) => self.is_exact_match(text, finder),
            Search::Ascii { position, byte, folds_beyond_ascii, folding: regex } => {
                self.is_ascii_match(text, *position, *byte)
                    || (*folds_beyond_ascii
                        && !text.is_ascii()
                        && regex
                            .get_or_init(|| folding(&self.text, self.manner).ok())
                            .as_ref()
                            .is_some_and(|regex| regex.is_match(text)))
            }
            Search::Folding(regex) => regex.is_match(text),
            Search::Empty => {
                let is_equality =
                    self.manner.leading == Edge::Text && self.manner.trailing == Edge::Text;
                !is_equality || text.is_empty()
            }
        }
    }

    fn is_exact_match(&self, text: &str, finder: &memmem::Finder<'static>) -> bool {
        let needle = self.text.as_str();
        match (self.manner.leading, self.manner.trailing) {
            (Edge::Text, Edge::Text) => text == needle,
            (Edge::Text, Edge::Free) => text.starts_with(needle),
            (Edge::Free, Edge::Text) => text.ends_with(needle),
            (Edge::Free, Edge::Free) => finder.find(text.as_bytes()).is_some(),
            _ => self.has_exact_term(text, finder),
        }
    }

    fn has_exact_term(&self, text: &str, finder: &memmem::Finder<'static>) -> bool {
        let mut from = 0_usize;
        while let Some(rest) = text.as_bytes().get(from..)
            && let Some(offset) = finder.find(rest)
        {
            let start = from.saturating_add(offset);
            if self.has_its_edges(text, start) {
                return true;
            }
            // Matches may overlap: the next one starts a byte on.
            from = start.saturating_add(1);
        }
        false
    }

    fn is_ascii_match(&self, text: &str, position: usize, byte: u8) -> bool {
        let bytes = text.as_bytes();
        let Some(last_start) = bytes.len().checked_sub(self.text.len()) else { return false };
        match (self.manner.leading, self.manner.trailing) {
            (Edge::Text, Edge::Text) => last_start == 0 && self.is_at(text, 0),
            (Edge::Text, _) => self.is_at(text, 0),
            (_, Edge::Text) => self.is_at(text, last_start),
            _ => {
                let end = last_start.saturating_add(position).saturating_add(1);
                let Some(candidates) = bytes.get(position..end) else { return false };
                let (lower, upper) = (byte.to_ascii_lowercase(), byte.to_ascii_uppercase());
                if lower == upper {
                    memchr_iter(lower, candidates).any(|start| self.is_at(text, start))
                } else {
                    memchr2_iter(lower, upper, candidates).any(|start| self.is_at(text, start))
                }
            }
        }
    }

    /// Tells whether the needle stands at byte `start`, without regard to ASCII case.
    fn is_at(&self, text: &str, start: usize) -> bool {
        let end = start.saturating_add(self.text.len());
        let found = text.as_bytes().get(start..end);
        found.is_some_and(|found| found.eq_ignore_ascii_case(self.text.as_bytes()))
            && self.has_its_edges(text, start)
    }

    fn has_its_edges(&self, text: &str, start: usize) -> bool {
        has_edges(text, start, start.saturating_add(self.text.len()), self.manner)
    }
}

/// Tells whether what lies around a match suits a manner whose edges are [`effective`].
pub(super) fn has_edges(text: &str, start: usize, end: usize, manner: Manner) -> bool {
    let suits = |edge, at_text_end: bool, at_term_end: fn(&str, usize) -> bool, place| match edge {
        Edge::Free => true,
        Edge::Text => at_text_end,
        Edge::Term => at_term_end(text, place),
    };
    suits(manner.leading, start == 0, is_boundary_before, start)
        && suits(manner.trailing, end == text.len(), is_boundary_after, end)
}

/// Drops the demand for a term's end where the needle has no letter or digit.
pub(super) fn effective(edge: Edge, needle_char: Option<char>) -> Edge {
    match edge {
        Edge::Term if !needle_char.is_some_and(is_term_char) => Edge::Free,
        edge => edge,
    }
}

/// Writes the definition of a match as a regular expression; edges are [`effective`].
fn folding(needle: &str, manner: Manner) -> Result<Regex> {
    let before = match manner.leading {
        Edge::Free => "",
        Edge::Term => r"(?:^|[^\pL\pN])",
        Edge::Text => "^",
    };
    let after = match manner.trailing {
        Edge::Free => "",
        Edge::Term => r"(?:$|[^\pL\pN])",
        Edge::Text => "$",
    };
    RegexBuilder::new(&format!("{before}{}{after}", regex::escape(needle)))
        .case_insensitive(true)
        .size_limit(1 << 28)
        .build()
        .map_err(|error| DataFusionError::External(Box::new(error)))
}
