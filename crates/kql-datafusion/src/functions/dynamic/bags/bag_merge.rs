//! `bag_merge`

use std::collections::HashSet;

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{entries, write_bag},
};

pub(in crate::functions::dynamic) const BAG_MERGE: ScalarFunction = ScalarFunction {
    name: "bag_merge",
    summary: "Returns the entries of all bags; of a key that several have, the first one's.",
    source: "https://learn.microsoft.com/kusto/query/bag-merge-function",
    examples: &[Example::new(
        "bag_merge(dynamic({'a': 1}), dynamic({'a': 2, 'b': 3}))",
        r#"{"a":1,"b":3}"#,
    )],
    lower: |call| Some(call.apply(&MERGE)),
};

/// What is no bag is left out.
pub(in crate::functions::dynamic) static MERGE: Kernel = Kernel {
    name: "kql_bag_merge",
    returns: Returns::Text,
    eval: |args| {
        let bags = (0..args.count()).map(|at| args.text(at));
        let bags = bags.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let mut seen = HashSet::new();
            let entries = bags.iter().filter_map(|bag| entries(bag.get(row)?)).flatten();
            write_bag(entries.filter(|(key, _)| seen.insert(*key)), out);
            Ok(Some(()))
        })
    },
};
