//! `strrep`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert, size::push,
};
use crate::encoding::text_literal;

pub(super) const STRREP: ScalarFunction = ScalarFunction {
    name: "strrep",
    summary: "Repeats a text, with a delimiter between.",
    source: "https://learn.microsoft.com/kusto/query/strrep-function",
    examples: &[
        Example::new("strrep('ABC', 2)", "ABCABC"),
        Example::new("strrep('A', 3, '-')", "A-A-A"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let text = |at: usize| {
        let arg = call.args.get(at)?;
        convert(arg.expr.clone(), arg.ty, KqlType::String)
    };
    let delimiter = if call.args.len() > 2 { text(2)? } else { text_literal("") };
    Some(REPEAT.call(vec![text(0)?, call.long(1)?, delimiter]))
}

/// Times that a text may be repeated.
///
/// Source: <https://learn.microsoft.com/kusto/query/strrep-function>
const MAX_TIMES: i64 = 1024;

pub(super) static REPEAT: Kernel = Kernel {
    name: "kql_strrep",
    returns: Returns::Text,
    eval: |args| {
        let (texts, counts, delimiters) = (args.text(0)?, args.long(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            for number in 0..counts.get(row).unwrap_or(0).min(MAX_TIMES) {
                if number > 0 {
                    push(out, delimiters.str(row))?;
                }
                push(out, texts.str(row))?;
            }
            Ok(Some(()))
        })
    },
};
