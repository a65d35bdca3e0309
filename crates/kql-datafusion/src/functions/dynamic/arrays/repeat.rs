//! `repeat`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert,
    json_array::write_array,
};

pub(in crate::functions::dynamic) const REPEAT: ScalarFunction = ScalarFunction {
    name: "repeat",
    summary: "Returns an array that holds a value several times.",
    source: "https://learn.microsoft.com/kusto/query/repeat-function",
    examples: &[
        Example::new("repeat(1, 3)", "[1,1,1]"),
        Example::new("repeat('a', 0)", "[]"),
        Example::new("isnull(repeat(1, -1))", "True"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let value = call.args.first()?;
    Some(FILL.call(vec![convert(value.expr.clone(), value.ty, KqlType::Dynamic)?, call.long(1)?]))
}

/// Values that an array may have at most.
const MAX_ELEMENTS: usize = 1_048_576;

/// Null if the count is negative.
///
/// Source: documented.
pub(in crate::functions::dynamic) static FILL: Kernel = Kernel {
    name: "kql_repeat",
    returns: Returns::Text,
    eval: |args| {
        let (values, counts) = (args.text(0)?, args.long(1)?);
        written(args.rows(), |row, out| {
            let count = counts.get(row).and_then(|count| usize::try_from(count).ok());
            let Some(count) = count else { return Ok(None) };
            let value = values.get(row).unwrap_or("null");
            write_array(std::iter::repeat_n(value, count.min(MAX_ELEMENTS)), out);
            Ok(Some(()))
        })
    },
};
