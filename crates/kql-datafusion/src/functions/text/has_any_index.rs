//! `has_any_index`

use kql_types::dynamic;

use super::{Example, Kernel, Returns, ScalarFunction, columns::longs, matching};

pub(super) const HAS_ANY_INDEX: ScalarFunction = ScalarFunction {
    name: "has_any_index",
    summary: "Returns the index of the first element of an array that a text has as a term, or -1.",
    source: "https://learn.microsoft.com/kusto/query/has-any-index-function",
    examples: &[
        Example::new("has_any_index('this is it', dynamic(['not', 'it']))", "1"),
        Example::new("has_any_index('this is it', dynamic(['i']))", "-1"),
    ],
    lower: |call| Some(call.apply(&INDEX)),
};

pub(super) static INDEX: Kernel = Kernel {
    name: "kql_has_any_index",
    returns: Returns::Long,
    eval: |args| {
        let (texts, lists) = (args.text(0)?, args.text(1)?);
        let mut found = Vec::with_capacity(args.rows());
        for row in 0..args.rows() {
            let mut index = None;
            for (at, item) in dynamic::elements(lists.get(row).unwrap_or("[]")).enumerate() {
                if matching::has_term(texts.str(row), &dynamic::unquote(item))? {
                    index = i64::try_from(at).ok();
                    break;
                }
            }
            found.push(index.unwrap_or(-1));
        }
        Ok(longs(args.rows(), |row| found.get(row).copied()))
    },
};
