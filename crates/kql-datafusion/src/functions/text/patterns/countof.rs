//! `countof`

use datafusion_expr::Expr;

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs, matching};
use crate::encoding::text_literal;

pub(in crate::functions::text) const COUNTOF: ScalarFunction = ScalarFunction {
    name: "countof",
    summary: "Counts how often a text, or a match of a regular expression, occurs.",
    source: "https://learn.microsoft.com/kusto/query/countof-function",
    examples: &[
        Example::new("countof('aaaa', 'aa')", "3"),
        Example::new("countof('aaaa', 'aa', 'regex')", "2"),
        Example::new("countof('abc', 'x')", "0"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    match call.arg(2) {
        None => Some(COUNT.call(vec![call.arg(0)?, call.arg(1)?])),
        Some(kind) if kind == text_literal("normal") => {
            Some(COUNT.call(vec![call.arg(0)?, call.arg(1)?]))
        }
        Some(kind) if kind == text_literal("regex") => {
            Some(COUNT_MATCHES.call(vec![call.arg(0)?, call.arg(1)?]))
        }
        Some(_) => None,
    }
}

/// Occurrences may overlap; the empty text occurs nowhere (inferred).
///
/// Source: measured.
pub(in crate::functions::text) static COUNT: Kernel = Kernel {
    name: "kql_countof",
    returns: Returns::Long,
    eval: |args| {
        let (texts, needles) = (args.text(0)?, args.text(1)?);
        Ok(longs(args.rows(), |row| {
            let (text, needle) = (texts.str(row), needles.str(row));
            let starts = text.char_indices().filter(|(start, _)| {
                !needle.is_empty() && text.get(*start..).is_some_and(|it| it.starts_with(needle))
            });
            i64::try_from(starts.count()).ok()
        }))
    },
};

/// Matches do not overlap.
pub(in crate::functions::text) static COUNT_MATCHES: Kernel = Kernel {
    name: "kql_countof_regex",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        let mut patterns = args.compiled(1, matching::compile)?;
        let counts =
            (0..args.rows()).map(|row| Ok(patterns.get(row)?.find_iter(texts.str(row)).count()));
        let counts = counts.collect::<datafusion_common::Result<Vec<_>>>()?;
        Ok(longs(args.rows(), |row| i64::try_from(*counts.get(row)?).ok()))
    },
};
