//! `replace_strings`

use std::rc::Rc;

use datafusion_common::Result;
use kql_types::dynamic::{self, Kind};

use super::{Example, Kernel, Returns, ScalarFunction, columns::written, size::push};

pub(super) const REPLACE_STRINGS: ScalarFunction = ScalarFunction {
    name: "replace_strings",
    summary: "Replaces several texts, each by its own, one after the other.",
    source: "https://learn.microsoft.com/kusto/query/replace-strings-function",
    examples: &[
        Example::new(
            "replace_strings('a cat', dynamic(['cat', 'dog']), dynamic(['dog', 'bird']))",
            "a dog",
        ),
        Example::new(
            "replace_strings('This is', dynamic(['is', 'This']), dynamic(['was', 'x']))",
            "Thwas was",
        ),
    ],
    lower: |call| Some(call.apply(&REPLACE)),
};

/// One lookup after the other is replaced, but not within what stands for an earlier one. One whose
/// replacement is no string stands for itself.
///
/// Source: measured.
pub(super) static REPLACE: Kernel = Kernel {
    name: "kql_replace_strings",
    returns: Returns::Text,
    eval: |args| {
        let (strings, lookups, rewrites) = (args.text(0)?, args.text(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let json = |texts: Option<&str>| texts.unwrap_or("[]").to_owned();
            let (lookups, rewrites) = (json(lookups.get(row)), json(rewrites.get(row)));
            let pairs = dynamic::elements(&lookups).zip(dynamic::elements(&rewrites));
            replace_all(strings.str(row), pairs, out).map(Some)
        })
    },
};

fn replace_all<'a>(
    text: &str,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    out: &mut String,
) -> Result<()> {
    let mut pieces = vec![Piece::Open(text.to_owned())];
    for (lookup, rewrite) in pairs {
        let lookup = dynamic::unquote(lookup);
        if lookup.is_empty() {
            continue;
        }
        let is_text = dynamic::kind(rewrite) == Kind::String;
        let rewrite: Rc<str> =
            if is_text { dynamic::unquote(rewrite).into() } else { (&*lookup).into() };
        pieces = pieces.into_iter().flat_map(|piece| piece.split(&lookup, &rewrite)).collect();
    }
    for piece in pieces {
        match piece {
            Piece::Open(text) => push(out, &text)?,
            Piece::Done(text) => push(out, &text)?,
        }
    }
    Ok(())
}

/// A part of the text.
enum Piece {
    /// Lookups may be found in it.
    Open(String),
    /// It stands for one that was.
    Done(Rc<str>),
}

impl Piece {
    fn split(self, lookup: &str, rewrite: &Rc<str>) -> Vec<Self> {
        let Self::Open(text) = &self else { return vec![self] };
        let mut pieces = Vec::new();
        for (number, part) in text.split(lookup).enumerate() {
            if number > 0 {
                pieces.push(Self::Done(Rc::clone(rewrite)));
            }
            pieces.push(Self::Open(part.to_owned()));
        }
        pieces
    }
}
