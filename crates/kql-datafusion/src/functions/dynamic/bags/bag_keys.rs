//! `bag_keys`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{entries, write_array},
};

pub(in crate::functions::dynamic) const BAG_KEYS: ScalarFunction = ScalarFunction {
    name: "bag_keys",
    summary: "Returns the keys of a bag as an array, null of anything else.",
    source: "https://learn.microsoft.com/kusto/query/bag-keys-function",
    examples: &[Example::new("bag_keys(dynamic({'a': 1, 'b': {'c': 2}}))", r#"["a","b"]"#)],
    lower: |call| Some(call.apply(&KEYS)),
};

pub(in crate::functions::dynamic) static KEYS: Kernel = Kernel {
    name: "kql_bag_keys",
    returns: Returns::Text,
    eval: |args| {
        let bags = args.text(0)?;
        written(args.rows(), |row, out| {
            let Some(entries) = bags.get(row).and_then(entries) else { return Ok(None) };
            write_array(entries.into_iter().map(|(key, _)| key), out);
            Ok(Some(()))
        })
    },
};
