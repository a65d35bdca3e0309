//! `bag_pack`, also called `pack` and `pack_dictionary`

use crate::functions::kernel::simplify;
use datafusion_expr::Expr;
use kql_types::{KqlType, dynamic};

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(in crate::functions::dynamic) const BAG_PACK: ScalarFunction = ScalarFunction {
    name: "bag_pack",
    summary: "Returns a bag of keys and values that alternate.",
    source: "https://learn.microsoft.com/kusto/query/bag-pack-function",
    examples: &[Example::new(
        "bag_pack('share', 'ADMIN$', 'port', 445)",
        r#"{"share":"ADMIN$","port":445}"#,
    )],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    if !call.args.len().is_multiple_of(2) {
        return None;
    }
    let args = call.args.iter().enumerate().map(|(position, arg)| {
        let is_key = position % 2 == 0;
        let ty = if is_key { KqlType::String } else { KqlType::Dynamic };
        convert(arg.expr.clone(), arg.ty, ty)
    });
    Some(PACK_BAG.call(args.collect::<Option<_>>()?))
}

/// Strings and dynamics alternate. Of a key that occurs twice the last value counts (inferred).
pub(in crate::functions::dynamic) static PACK_BAG: Kernel = Kernel {
    name: simplify::PACK_BAG,
    returns: Returns::Text,
    eval: |args| {
        let texts = (0..args.count()).map(|index| args.text(index));
        let texts = texts.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let mut entries: Vec<(&str, &str)> = Vec::with_capacity(texts.len() / 2);
            for pair in texts.chunks_exact(2) {
                let [key, value] = pair else { continue };
                let (key, value) = (key.str(row), value.get(row).unwrap_or("null"));
                match entries.iter_mut().find(|(name, _)| *name == key) {
                    Some(entry) => entry.1 = value,
                    None => entries.push((key, value)),
                }
            }
            out.push('{');
            for (number, (key, value)) in entries.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                dynamic::quote(key, out);
                out.push(':');
                out.push_str(value);
            }
            out.push('}');
            Ok(Some(()))
        })
    },
};
