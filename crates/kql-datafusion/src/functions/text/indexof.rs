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
    ],
    lower,
};

/// A length or occurrence of its own does not run: the engine answers otherwise than documented.
fn lower(call: &Call) -> Option<Expr> {
    if call.args.len() > 3 {
        return None;
    }
    let text = |at: usize| {
        let arg = call.args.get(at)?;
        convert(arg.expr.clone(), arg.ty, KqlType::String)
    };
    let start = if call.args.len() > 2 { call.long(2)? } else { lit(0_i64) };
    Some(FIND.call(vec![text(0)?, text(1)?, start]))
}

/// The text, what is looked for, and from where on: a negative index counts from the end.
pub(super) static FIND: Kernel = Kernel {
    name: "kql_indexof",
    returns: Returns::Long,
    eval: |args| {
        let (texts, needles, starts) = (args.text(0)?, args.text(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            Some(index_of(texts.str(row), needles.str(row), starts.get(row)?))
        }))
    },
};

fn index_of(text: &str, needle: &str, start: i64) -> i64 {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let start = if start < 0 { start.saturating_add(length).max(0) } else { start };
    let skipped = usize::try_from(start).unwrap_or(usize::MAX);
    let end = || (skipped as u64 == length.cast_unsigned()).then_some(text.len());
    let Some(from) = text.char_indices().nth(skipped).map(|(byte, _)| byte).or_else(end) else {
        return -1;
    };
    let rest = text.get(from..).unwrap_or_default();
    let before = rest.find(needle).and_then(|byte| rest.get(..byte));
    let index = before.and_then(|before| i64::try_from(before.chars().count()).ok());
    index.map_or(-1, |index| index.saturating_add(start))
}
