//! `bag_zip`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_bag},
};

pub(in crate::functions::dynamic) const BAG_ZIP: ScalarFunction = ScalarFunction {
    name: "bag_zip",
    summary: "Returns a bag of an array of keys and an array of values.",
    source: "https://learn.microsoft.com/kusto/query/bag-zip-function",
    examples: &[
        Example::new("bag_zip(dynamic(['a', 'b']), dynamic([1, '2']))", r#"{"a":1,"b":"2"}"#),
        Example::new("bag_zip(dynamic(['a', 8]), dynamic([1, 2]))", r#"{"a":1}"#),
    ],
    lower: |call| Some(call.apply(&ZIP)),
};

/// Keys that are no strings are left out with their values; values that are missing are null.
///
/// Source: measured.
pub(in crate::functions::dynamic) static ZIP: Kernel = Kernel {
    name: "kql_bag_zip",
    returns: Returns::Text,
    eval: |args| {
        let (keys, values) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let Some(keys) = keys.get(row).and_then(elements) else { return Ok(None) };
            let values = values.get(row).and_then(elements).unwrap_or_default();
            let values = values.into_iter().chain(std::iter::repeat("null"));
            write_bag(keys.into_iter().zip(values).filter(|(key, _)| key.starts_with('"')), out);
            Ok(Some(()))
        })
    },
};
