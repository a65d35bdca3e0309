//! `array_shift_left`, `array_shift_right`

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_SHIFT_LEFT: ScalarFunction = ScalarFunction {
    name: "array_shift_left",
    summary: "Moves elements towards the start of an array and fills its end.",
    source: "https://learn.microsoft.com/kusto/query/array-shift-left-function",
    examples: &[
        Example::new("array_shift_left(dynamic([1, 2, 3]), 2)", "[3,null,null]"),
        Example::new("array_shift_left(dynamic([1, 2, 3]), -1, 0)", "[0,1,2]"),
    ],
    lower: |call| lower(call, call.long(1)?),
};

pub(in crate::functions::dynamic) const ARRAY_SHIFT_RIGHT: ScalarFunction = ScalarFunction {
    name: "array_shift_right",
    summary: "Moves elements towards the end of an array and fills its start.",
    source: "https://learn.microsoft.com/kusto/query/array-shift-right-function",
    examples: &[Example::new("array_shift_right(dynamic([1, 2, 3]), 2, -1)", "[-1,-1,1]")],
    lower: |call| lower(call, Expr::Negative(Box::new(call.long(1)?))),
};

fn lower(call: &Call, count: Expr) -> Option<Expr> {
    let filler = match call.args.get(2) {
        Some(arg) => convert(arg.expr.clone(), arg.ty, KqlType::Dynamic)?,
        None => lit(ScalarValue::Utf8View(None)),
    };
    Some(SHIFT.call(vec![call.arg(0)?, count, filler]))
}

/// An array, how far to the left, and what fills it.
pub(in crate::functions::dynamic) static SHIFT: Kernel = Kernel {
    name: "kql_array_shift_left",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, counts, fillers) = (args.text(0)?, args.long(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let Some(count) = counts.get(row) else { return Ok(None) };
            let distance = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            let distance = distance.min(items.len());
            let kept = items.len().saturating_sub(distance);
            let filling = std::iter::repeat_n(fillers.get(row).unwrap_or("null"), distance);
            if count < 0 {
                write_array(filling.chain(items.into_iter().take(kept)), out);
            } else {
                write_array(items.into_iter().skip(distance).chain(filling), out);
            }
            Ok(Some(()))
        })
    },
};
