//! `pack_all`, where values that are null or empty are left out

use datafusion_expr::Expr;
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(in crate::functions::dynamic) const PACK_ALL: ScalarFunction = ScalarFunction {
    name: "pack_all",
    summary: "Returns a bag of all columns; with `true`, of those that are not null or empty.",
    source: "https://learn.microsoft.com/kusto/query/pack-all-function",
    examples: &[Example::new(
        "toscalar(print a = 1, b = '', c = long(null) | project pack_all(true))",
        r#"{"a":1}"#,
    )],
    lower,
};

/// The binder puts the flag before keys and values that alternate.
fn lower(call: &Call) -> Option<Expr> {
    let args = call.args.iter().enumerate().map(|(position, arg)| match position {
        0 => Some(arg.expr.clone()),
        position if position % 2 == 1 => Some(arg.expr.clone()),
        _ => convert(arg.expr.clone(), arg.ty, KqlType::Dynamic),
    });
    Some(PACK.call(args.collect::<Option<_>>()?))
}

/// A flag, then strings and dynamics that alternate.
pub(in crate::functions::dynamic) static PACK: Kernel = Kernel {
    name: "kql_pack_all",
    returns: Returns::Text,
    eval: |args| {
        let flags = args.bool(0)?;
        let texts = (1..args.count()).map(|index| args.text(index));
        let texts = texts.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let ignores_empty = flags.get(row).unwrap_or(false);
            out.push('{');
            let mut is_first = true;
            for pair in texts.chunks_exact(2) {
                let [key, value] = pair else { continue };
                let value = value.get(row).unwrap_or("null");
                if ignores_empty && is_empty(value) {
                    continue;
                }
                if !std::mem::take(&mut is_first) {
                    out.push(',');
                }
                dynamic::quote(key.str(row), out);
                out.push(':');
                out.push_str(value);
            }
            out.push('}');
            Ok(Some(()))
        })
    },
};

fn is_empty(json: &str) -> bool {
    dynamic::kind(json) == Kind::Null || json == "\"\""
}
