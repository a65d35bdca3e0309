//! `bag_remove_keys`

use kql_types::dynamic;

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, entries, write_bag},
};
use crate::functions::json_path::{self, Step};

pub(in crate::functions::dynamic) const BAG_REMOVE_KEYS: ScalarFunction = ScalarFunction {
    name: "bag_remove_keys",
    summary: "Returns a bag without some keys; `$.a.b` is a path into bags within it.",
    source: "https://learn.microsoft.com/kusto/query/bag-remove-keys-function",
    examples: &[
        Example::new(
            "bag_remove_keys(dynamic({'a': 1, 'b': 2}), dynamic(['a', 'x']))",
            r#"{"b":2}"#,
        ),
        Example::new(
            "bag_remove_keys(dynamic({'a': {'b': 1, 'c': 2}, 'd': 3}), dynamic(['$.a.b', '$.d']))",
            r#"{"a":{"c":2}}"#,
        ),
    ],
    lower: |call| Some(call.apply(&REMOVE)),
};

/// Null if the first argument is no bag; what is no key is left out of account.
///
/// Source: documented: an index into an array is no key.
pub(in crate::functions::dynamic) static REMOVE: Kernel = Kernel {
    name: "kql_bag_remove_keys",
    returns: Returns::Text,
    eval: |args| {
        let (bags, keys) = (args.text(0)?, args.text(1)?);
        let shared = args.prepared(&[1], || Ok(paths(keys.get(0))))?;
        written(args.rows(), |row, out| {
            let Some(bag) = bags.get(row).filter(|bag| entries(bag).is_some()) else {
                return Ok(None);
            };
            match &shared {
                Some(paths) => remove(bag, &views(paths), out),
                None => remove(bag, &views(&paths(keys.get(row))), out),
            }
            Ok(Some(()))
        })
    },
};

/// Reads an array of keys and paths, each as the keys that lead down.
fn paths(json: Option<&str>) -> Vec<Vec<String>> {
    let keys = json.and_then(elements).unwrap_or_default();
    let paths = keys.into_iter().map(dynamic::unquote).filter_map(|key| {
        if !key.starts_with("$.") && !key.starts_with("$[") {
            return Some(vec![key.into_owned()]);
        }
        let keys = json_path::parse(&key)?.into_iter().map(|step| match step {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        });
        keys.collect()
    });
    paths.filter(|path: &Vec<String>| !path.is_empty()).collect()
}

fn views(paths: &[Vec<String>]) -> Vec<&[String]> {
    paths.iter().map(Vec::as_slice).collect()
}

/// Writes a bag without what the paths lead to.
fn remove(bag: &str, paths: &[&[String]], out: &mut String) {
    let kept = entries(bag).unwrap_or_default().into_iter().filter_map(|(key, value)| {
        let name = dynamic::unquote(key);
        let below: Vec<&[String]> = paths
            .iter()
            .filter_map(|path| path.split_first())
            .filter(|(first, _)| *first == name.as_ref())
            .map(|(_, below)| below)
            .collect();
        if below.iter().any(|path| path.is_empty()) {
            return None;
        }
        let mut inner = String::new();
        if below.is_empty() || entries(value).is_none() {
            inner.push_str(value);
        } else {
            remove(value, &below, &mut inner);
        }
        Some((key, inner))
    });
    let kept: Vec<(&str, String)> = kept.collect();
    write_bag(kept.iter().map(|(key, value)| (*key, value.as_str())), out);
}
