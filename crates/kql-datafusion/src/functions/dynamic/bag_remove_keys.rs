//! `bag_remove_keys`

use std::collections::HashSet;

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    array::{elements, entries, write_bag},
    columns::written,
};

pub(super) const BAG_REMOVE_KEYS: ScalarFunction = ScalarFunction {
    name: "bag_remove_keys",
    summary: "Returns a bag without some keys.",
    source: "https://learn.microsoft.com/kusto/query/bag-remove-keys-function",
    examples: &[Example::new(
        "bag_remove_keys(dynamic({'a': 1, 'b': 2}), dynamic(['a', 'x']))",
        r#"{"b":2}"#,
    )],
    lower,
};

/// Keys that are paths, `$.a.b`, do not run yet.
fn lower(call: &Call) -> Option<Expr> {
    let keys = call.arg(1)?;
    let is_plain = matches!(
        &keys,
        Expr::Literal(ScalarValue::Utf8View(Some(json)), _) if !json.contains("\"$")
    );
    if is_plain { Some(REMOVE.call(vec![call.arg(0)?, keys])) } else { None }
}

pub(super) static REMOVE: Kernel = Kernel {
    name: "kql_bag_remove_keys",
    returns: Returns::Text,
    eval: |args| {
        let (bags, keys) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let Some(entries) = bags.get(row).and_then(entries) else { return Ok(None) };
            let removed: HashSet<&str> =
                keys.get(row).and_then(elements).into_iter().flatten().collect();
            write_bag(entries.into_iter().filter(|(key, _)| !removed.contains(key)), out);
            Ok(Some(()))
        })
    },
};
