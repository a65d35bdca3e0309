//! `substring`

use std::borrow::Cow;

use datafusion_expr::{Expr, lit};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::texts};

pub(super) const SUBSTRING: ScalarFunction = ScalarFunction {
    name: "substring",
    summary: "Returns the characters from an index on, counted from 0, or from the end if negative.",
    source: "https://learn.microsoft.com/kusto/query/substring-function",
    examples: &[
        Example::new("substring('ADMIN$', 0, 5)", "ADMIN"),
        Example::new("substring('ADMIN$', 2)", "MIN$"),
        Example::new("substring('123456', -2, 2)", "56"),
        Example::new("substring('123456', -7)", ""),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let length = if call.args.len() > 2 { call.long(2)? } else { lit(i64::MAX) };
    Some(PART.call(vec![call.arg(0)?, call.long(1)?, length]))
}

/// A null index or length gives `""`; so does a negative length, and an index before the start.
///
/// Source: measured, an index before the start; what a null gives is inferred.
pub(super) static PART: Kernel = Kernel {
    name: "kql_substring",
    returns: Returns::Text,
    eval: |args| {
        let (strings, starts, lengths) = (args.text(0)?, args.long(1)?, args.long(2)?);
        Ok(texts(args.rows(), |row| {
            let bounds = starts.get(row).zip(lengths.get(row));
            let part = |(start, length)| part(strings.str(row), start, length);
            Some(Cow::Borrowed(bounds.map_or("", part)))
        }))
    },
};

fn part(text: &str, start: i64, length: i64) -> &str {
    let start = if start < 0 {
        let characters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        match characters.checked_add(start) {
            Some(start) if start >= 0 => start,
            _ => return "",
        }
    } else {
        start
    };
    let from = byte_of(text, start);
    let rest = text.get(from..).unwrap_or_default();
    rest.get(..byte_of(rest, length.max(0))).unwrap_or_default()
}

/// Returns where a character starts, or the text's length if it has fewer.
fn byte_of(text: &str, character: i64) -> usize {
    let Ok(character) = usize::try_from(character) else { return text.len() };
    if character >= text.len() {
        return text.len();
    }
    text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
}
