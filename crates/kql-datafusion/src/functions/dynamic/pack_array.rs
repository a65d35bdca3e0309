//! `pack_array`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(super) const PACK_ARRAY: ScalarFunction = ScalarFunction {
    name: "pack_array",
    summary: "Returns an array of its arguments.",
    source: "https://learn.microsoft.com/kusto/query/pack-array-function",
    examples: &[Example::new("pack_array(1, 'a', long(null))", r#"[1,"a",null]"#)],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let items = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::Dynamic));
    Some(PACK.call(items.collect::<Option<_>>()?))
}

/// Every argument is a dynamic.
pub(crate) static PACK: Kernel = Kernel {
    name: "kql_pack_array",
    returns: Returns::Text,
    eval: |args| {
        let items = (0..args.count()).map(|index| args.text(index));
        let items = items.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                out.push_str(item.get(row).unwrap_or("null"));
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};
