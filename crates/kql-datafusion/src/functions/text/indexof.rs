//! `indexof`

use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs, convert};

pub(super) const INDEXOF: ScalarFunction = ScalarFunction {
    name: "indexof",
    summary: "Returns the index of a text within another, counted from 0, or -1.",
    source: "https://learn.microsoft.com/kusto/query/indexof-function",
    examples: &[
        Example::new("indexof('abcdefg', 'cde')", "2"),
        Example::new("indexof('abcdefg', 'x')", "-1"),
        Example::new("indexof('abcabc', 'b', -3)", "4"),
        Example::new("indexof('abcabc', 'b', 0, -1, 2)", "4"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let text = |at: usize| {
        let arg = call.args.get(at)?;
        convert(arg.expr.clone(), arg.ty, KqlType::String)
    };
    let [start, length, occurrence] = window(call)?;
    Some(FIND.call(vec![text(0)?, text(1)?, start, length, occurrence]))
}

/// Returns where to start, how far to search and which occurrence to find.
pub(super) fn window(call: &Call) -> Option<[Expr; 3]> {
    let optional = |at: usize, default: i64| match call.args.get(at) {
        Some(_) => call.long(at),
        None => Some(lit(default)),
    };
    Some([optional(2, 0)?, optional(3, -1)?, optional(4, 1)?])
}

/// The text, what is looked for, and its [`window`]: a negative start counts from the end.
pub(super) static FIND: Kernel = Kernel {
    name: "kql_indexof",
    returns: Returns::Long,
    eval: |args| {
        let (texts, needles) = (args.text(0)?, args.text(1)?);
        let (starts, lengths, occurrences) = (args.long(2)?, args.long(3)?, args.long(4)?);
        Ok(longs(args.rows(), |row| {
            let (text, start) = (texts.str(row), starts.get(row)?);
            let start = if start < 0 { start.saturating_add(count(text)).max(0) } else { start };
            let window = Window::new(start, lengths.get(row)?, occurrences.get(row)?)?;
            Some(window.index(text, |rest| {
                let needle = needles.str(row);
                let step = needle.chars().next().map_or(1, char::len_utf8);
                let mut from = 0_usize;
                std::iter::from_fn(move || {
                    let found = rest.get(from..)?.find(needle)?.saturating_add(from);
                    from = found.saturating_add(step);
                    Some(found)
                })
            }))
        }))
    },
};

/// Where to search, in characters.
pub(super) struct Window {
    start: i64,
    /// Where an occurrence may begin, counted from `start`.
    length: i64,
    /// Which occurrence to find, from 0.
    occurrence: usize,
}

impl Window {
    /// Makes a window; a length of -1 is the whole rest. `None` if the arguments make no sense.
    ///
    /// Source: documented; that an occurrence has to begin within the length, but not to end there, is
    /// measured: `indexof('abcdefg', 'cde', 1, 2)` is 2.
    pub(super) fn new(start: i64, length: i64, occurrence: i64) -> Option<Self> {
        let length = if length == -1 { i64::MAX } else { length };
        let occurrence = usize::try_from(occurrence.checked_sub(1)?).ok()?;
        (start >= 0 && length >= 0).then_some(Self { start, length, occurrence })
    }

    /// Returns the index of the occurrence wanted of those that `find` yields by their bytes, or -1.
    pub(super) fn index<'t, I: Iterator<Item = usize>>(
        &self,
        text: &'t str,
        find: impl FnOnce(&'t str) -> I,
    ) -> i64 {
        let skipped = usize::try_from(self.start).unwrap_or(usize::MAX);
        let end = || (self.start == count(text)).then_some(text.len());
        let from = text.char_indices().nth(skipped).map(|(byte, _)| byte).or_else(end);
        let Some(rest) = from.and_then(|from| text.get(from..)) else { return -1 };
        let before = find(rest).nth(self.occurrence).and_then(|byte| rest.get(..byte));
        let index = before.map(count).filter(|index| *index < self.length);
        index.map_or(-1, |index| index.saturating_add(self.start))
    }
}

fn count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}
