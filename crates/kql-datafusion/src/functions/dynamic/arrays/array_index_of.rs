//! `array_index_of`

use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::longs,
    convert,
    json_array::{elements, place},
};

pub(in crate::functions::dynamic) const ARRAY_INDEX_OF: ScalarFunction = ScalarFunction {
    name: "array_index_of",
    summary: "Returns the index of an element that equals a value, or -1.",
    source: "https://learn.microsoft.com/kusto/query/array-index-of-function",
    examples: &[
        Example::new("array_index_of(dynamic(['this', 'is', 'it']), 'is')", "1"),
        Example::new("array_index_of(dynamic([1, 2]), 5)", "-1"),
    ],
    lower,
};

/// Returns the elements, the value, where to start, how many to search and which one to find.
fn lower(call: &Call) -> Option<Expr> {
    let value = call.args.get(1)?;
    let optional = |at: usize, default: i64| match call.args.get(at) {
        Some(_) => call.long(at),
        None => Some(lit(default)),
    };
    Some(INDEX.call(vec![
        call.arg(0)?,
        convert(value.expr.clone(), value.ty, KqlType::Dynamic)?,
        optional(2, 0)?,
        optional(3, -1)?,
        optional(4, 1)?,
    ]))
}

/// A length of -1 is the whole rest; one below that, or an occurrence below 1, has no answer.
pub(in crate::functions::dynamic) static INDEX: Kernel = Kernel {
    name: "kql_array_index_of",
    returns: Returns::Long,
    eval: |args| {
        let (arrays, values) = (args.text(0)?, args.text(1)?);
        let (starts, lengths, occurrences) = (args.long(2)?, args.long(3)?, args.long(4)?);
        Ok(longs(args.rows(), |row| {
            let items = elements(arrays.get(row)?)?;
            let value = values.get(row).unwrap_or("null");
            let start = place(starts.get(row)?, items.len());
            let length = match lengths.get(row)? {
                -1 => usize::MAX,
                length => usize::try_from(length).ok()?,
            };
            let skipped = usize::try_from(occurrences.get(row)?.checked_sub(1)?).ok()?;
            let places = items.iter().enumerate().skip(start).take(length);
            let found = places.filter(|(_, item)| **item == value).nth(skipped);
            found.map_or(Some(-1), |(place, _)| i64::try_from(place).ok())
        }))
    },
};
