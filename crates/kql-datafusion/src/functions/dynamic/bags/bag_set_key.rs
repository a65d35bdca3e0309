//! `bag_set_key`

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use kql_types::{KqlType, dynamic};

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    json_array::{entries, write_bag},
};
use crate::functions::json_path::{self, Step};

pub(in crate::functions::dynamic) const BAG_SET_KEY: ScalarFunction = ScalarFunction {
    name: "bag_set_key",
    summary: "Returns a bag with a key set to a value; `$.a.b` is a path into bags within it.",
    source: "https://learn.microsoft.com/kusto/query/bag-set-key-function",
    examples: &[
        Example::new("bag_set_key(dynamic({'a': 1, 'b': 2}), 'a', 3)", r#"{"b":2,"a":3}"#),
        Example::new("bag_set_key(dynamic({'a': 1}), '$.b.c', 'x')", r#"{"a":1,"b":{"c":"x"}}"#),
    ],
    lower,
};

/// Paths to nothing or with indices are refused.
fn lower(call: &Call) -> Option<Expr> {
    let key = call.arg(1)?;
    match &key {
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => keys(text)?,
        _ => return None,
    };
    let value = call.args.get(2)?;
    let value = convert(value.expr.clone(), value.ty, KqlType::Dynamic)?;
    Some(SET.call(vec![call.arg(0)?, key, value]))
}

/// Null if the first argument is no bag. The key set comes last.
///
/// Source: documented; the order is measured.
pub(in crate::functions::dynamic) static SET: Kernel = Kernel {
    name: "kql_bag_set_key",
    returns: Returns::Text,
    eval: |args| {
        let mut paths = args.compiled(1, |text| Ok(keys(text).unwrap_or_default()))?;
        let (bags, values) = (args.text(0)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let keys = paths.get(row)?;
            let Some(bag) = bags.get(row).filter(|bag| entries(bag).is_some()) else {
                return Ok(None);
            };
            out.push_str(&set(bag, &keys, values.get(row).unwrap_or("null")));
            Ok(Some(()))
        })
    },
};

/// Returns the keys of a path, or the one key that a text is.
fn keys(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('$') {
        return Some(vec![text.to_owned()]);
    }
    let steps = json_path::parse(text).filter(|steps| !steps.is_empty())?;
    let keys = steps.into_iter().map(|step| match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    });
    keys.collect()
}

/// Sets a value below keys; what is no bag on the way gives way to one.
fn set(json: &str, keys: &[String], value: &str) -> String {
    let Some((key, below)) = keys.split_first() else { return value.to_owned() };
    let mut quoted = String::new();
    dynamic::quote(key, &mut quoted);
    let inner = set(dynamic::get(json, key).unwrap_or("{}"), below, value);
    let kept = entries(json).unwrap_or_default();
    let kept = kept.into_iter().filter(|(name, _)| dynamic::unquote(name) != key.as_str());
    let mut bag = String::new();
    write_bag(kept.chain([(quoted.as_str(), inner.as_str())]), &mut bag);
    bag
}
