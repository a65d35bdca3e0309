//! `bag_has_key`

use kql_types::dynamic::{self, Kind};

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::nullable_bools};

pub(in crate::functions::dynamic) const BAG_HAS_KEY: ScalarFunction = ScalarFunction {
    name: "bag_has_key",
    summary: "Tells whether a bag has a key; `$.a.b` is a path into bags within it.",
    source: "https://learn.microsoft.com/kusto/query/bag-has-key-function",
    examples: &[
        Example::new("bag_has_key(dynamic({'a': 1}), 'a')", "True"),
        Example::new("bag_has_key(dynamic({'a': {'b': 1}}), '$.a.b')", "True"),
    ],
    lower: |call| Some(call.apply(&HAS_KEY)),
};

pub(in crate::functions::dynamic) static HAS_KEY: Kernel = Kernel {
    name: "kql_bag_has_key",
    returns: Returns::Bool,
    eval: |args| {
        let (bags, keys) = (args.text(0)?, args.text(1)?);
        Ok(nullable_bools(args.rows(), |row| {
            let bag = bags.get(row)?;
            (dynamic::kind(bag) == Kind::Bag).then(|| has_key(bag, keys.str(row)))
        }))
    },
};

fn has_key(bag: &str, key: &str) -> bool {
    match key.strip_prefix("$.") {
        Some(path) => path.split('.').try_fold(bag, dynamic::get).is_some(),
        None => dynamic::get(bag, key).is_some(),
    }
}
