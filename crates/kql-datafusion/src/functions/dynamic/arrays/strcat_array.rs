//! `strcat_array`

use kql_types::dynamic;

use super::super::{
    Example, Kernel, Returns, ScalarFunction, columns::written, json_array::elements,
};

pub(in crate::functions::dynamic) const STRCAT_ARRAY: ScalarFunction = ScalarFunction {
    name: "strcat_array",
    summary: "Returns the texts of an array's elements with a delimiter between them.",
    source: "https://learn.microsoft.com/kusto/query/strcat-array-function",
    examples: &[
        Example::new("strcat_array(dynamic([1, 'a', 3]), '->')", "1->a->3"),
        Example::new("strcat_array(dynamic('abc'), '->')", "abc"),
    ],
    lower: |call| Some(call.apply(&JOIN)),
};

/// What is no array gives its own text, null `""`.
///
/// Source: measured.
pub(in crate::functions::dynamic) static JOIN: Kernel = Kernel {
    name: "kql_strcat_array",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, delimiters) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let Some(json) = arrays.get(row) else { return Ok(Some(())) };
            let Some(items) = elements(json) else {
                out.push_str(&dynamic::unquote(json));
                return Ok(Some(()));
            };
            for (number, item) in items.into_iter().enumerate() {
                if number > 0 {
                    out.push_str(delimiters.str(row));
                }
                out.push_str(&dynamic::unquote(item));
            }
            Ok(Some(()))
        })
    },
};
