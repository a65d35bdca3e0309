//! Many needles over one text: `has_any` and `has_all`.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use datafusion_common::{DataFusionError, Result};

use super::super::needle::{Manner, Needle, effective, has_edges};

/// From this number of ASCII needles on, one pass of an automaton beats a search for each.
const AUTOMATON_FROM: usize = 5;

/// Compiled needles, looked for in one manner that ignores case.
pub(in crate::functions::matching) struct Needles {
    /// Those that are searched for one by one.
    single: Vec<Needle>,
    automaton: Option<Automaton>,
}

/// ASCII needles in one automaton.
struct Automaton {
    searcher: AhoCorasick,
    /// The same needles, in the automaton's order, with their edges.
    manners: Vec<Manner>,
    /// The same needles once more, for text in which a character beyond ASCII may fold to theirs.
    folding: Vec<Needle>,
}

impl Needles {
    /// Compiles needles. The empty one matches everything.
    ///
    /// # Errors
    ///
    /// A needle is too long, see [`Needle::new`], or all of them are too many.
    pub(in crate::functions::matching) fn new(texts: &[&str], manner: Manner) -> Result<Self> {
        let (ascii, mut single): (Vec<&str>, Vec<&str>) =
            texts.iter().partition(|text| text.is_ascii() && !text.is_empty());
        let automaton = if ascii.len() < AUTOMATON_FROM {
            single.extend(ascii);
            None
        } else {
            Some(Automaton::new(&ascii, manner)?)
        };
        let single = single.into_iter().map(|text| Needle::new(text, manner));
        Ok(Self { single: single.collect::<Result<_>>()?, automaton })
    }

    /// Tells whether one of the needles occurs in `text`; false without needles.
    pub(in crate::functions::matching) fn any(&self, text: &str) -> bool {
        self.single.iter().any(|needle| needle.is_match(text))
            || self.automaton.as_ref().is_some_and(|automaton| automaton.any(text))
    }

    /// Tells whether all needles occur in `text`; true without needles.
    pub(in crate::functions::matching) fn all(&self, text: &str) -> bool {
        self.single.iter().all(|needle| needle.is_match(text))
            && self.automaton.as_ref().is_none_or(|automaton| automaton.all(text))
    }
}

impl Automaton {
    fn new(texts: &[&str], manner: Manner) -> Result<Self> {
        let searcher = AhoCorasickBuilder::new()
            .ascii_case_insensitive(manner.ignores_case)
            .build(texts)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let manners = texts.iter().map(|text| Manner {
            leading: effective(manner.leading, text.chars().next()),
            trailing: effective(manner.trailing, text.chars().next_back()),
            ..manner
        });
        let folding = texts.iter().map(|text| Needle::new(text, manner));
        Ok(Self { searcher, manners: manners.collect(), folding: folding.collect::<Result<_>>()? })
    }

    /// Yields the numbers of the needles that occur with their edges, some more than once.
    fn found<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.searcher.find_overlapping_iter(text).filter_map(move |found| {
            let number = found.pattern().as_usize();
            let manner = self.manners.get(number)?;
            has_edges(text, found.start(), found.end(), *manner).then_some(number)
        })
    }

    fn any(&self, text: &str) -> bool {
        self.found(text).next().is_some()
            || (!text.is_ascii() && self.folding.iter().any(|needle| needle.is_match(text)))
    }

    fn all(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.folding.iter().all(|needle| needle.is_match(text));
        }
        let mut is_found = vec![false; self.manners.len()];
        let mut missing = is_found.len();
        for number in self.found(text) {
            if let Some(is_found) = is_found.get_mut(number)
                && !std::mem::replace(is_found, true)
            {
                missing = missing.saturating_sub(1);
                if missing == 0 {
                    return true;
                }
            }
        }
        missing == 0
    }
}
