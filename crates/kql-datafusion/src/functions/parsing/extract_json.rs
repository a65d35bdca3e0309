//! `extract_json`

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use kql_types::dynamic::{self, Kind};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_path::{self, Step},
};

pub(super) const EXTRACT_JSON: ScalarFunction = ScalarFunction {
    name: "extract_json",
    summary: "Returns what a path leads to in JSON text, as text or as a type.",
    source: "https://learn.microsoft.com/kusto/query/extract-json-function",
    examples: &[
        Example::new(r#"extract_json('$.a[1]', '{"a": ["x", "y"]}')"#, "y"),
        Example::new(r#"extract_json('$.b', '{"b": {"c": 1}}')"#, r#"{"c":1}"#),
        Example::new(r#"extract_json('$.b', '{"b": "7"}', typeof(long))"#, "7"),
        Example::new("extract_json('$.b', 'no json')", ""),
    ],
    lower,
};

/// A path with wildcards or filters is refused.
fn lower(call: &Call) -> Option<Expr> {
    match call.arg(0)? {
        Expr::Literal(ScalarValue::Utf8View(Some(path)), _) => {
            json_path::parse(&path)?;
            Some(FOUND.call(vec![lit(ScalarValue::Utf8View(Some(path))), call.arg(1)?]))
        }
        _ => None,
    }
}

/// Nothing found, or text that is no JSON, gives `""`.
pub(super) static FOUND: Kernel = Kernel {
    name: "kql_extract_json",
    returns: Returns::Text,
    eval: |args| {
        let mut paths = args.compiled(0, |path| Ok(json_path::parse(path).unwrap_or_default()))?;
        let texts = args.text(1)?;
        written(args.rows(), |row, out| {
            let steps = paths.get(row)?;
            if let Some(json) = dynamic::compact(texts.str(row))
                && let Some(found) = find(&json, &steps)
                && dynamic::kind(found) != Kind::Null
            {
                out.push_str(&dynamic::unquote(found));
            }
            Ok(Some(()))
        })
    },
};

fn find<'a>(json: &'a str, steps: &[Step]) -> Option<&'a str> {
    steps.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => dynamic::get(json, key),
        Step::Index(index) => dynamic::index(json, *index),
    })
}
