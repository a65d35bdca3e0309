//! `indexof`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs, convert};

pub(super) const INDEXOF: ScalarFunction = ScalarFunction {
    name: "indexof",
    summary: "Returns the index of a text within another, counted from 0, or -1.",
    source: "https://learn.microsoft.com/kusto/query/indexof-function",
    examples: &[
        Example::new("indexof('abcdefg', 'cde')", "2"),
        Example::new("indexof('abcdefg', 'x')", "-1"),
    ],
    lower,
};

/// A start, length or occurrence of its own does not run yet.
fn lower(call: &Call) -> Option<Expr> {
    if call.args.len() != 2 {
        return None;
    }
    let texts = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::String));
    Some(FIND.call(texts.collect::<Option<_>>()?))
}

pub(super) static FIND: Kernel = Kernel {
    name: "kql_indexof",
    returns: Returns::Long,
    eval: |args| {
        let (texts, needles) = (args.text(0)?, args.text(1)?);
        Ok(longs(args.rows(), |row| Some(index_of(texts.str(row), needles.str(row)))))
    },
};

fn index_of(text: &str, needle: &str) -> i64 {
    let before = text.find(needle).and_then(|byte| text.get(..byte));
    before.and_then(|before| i64::try_from(before.chars().count()).ok()).unwrap_or(-1)
}
