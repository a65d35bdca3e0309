//! `array_rotate_left`, `array_rotate_right`

use datafusion_expr::Expr;

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_ROTATE_LEFT: ScalarFunction = ScalarFunction {
    name: "array_rotate_left",
    summary: "Moves elements towards the start of an array, those that leave it to its end.",
    source: "https://learn.microsoft.com/kusto/query/array-rotate-left-function",
    examples: &[Example::new("array_rotate_left(dynamic([1, 2, 3, 4, 5]), 2)", "[3,4,5,1,2]")],
    lower: |call| Some(ROTATE.call(vec![call.arg(0)?, call.long(1)?])),
};

pub(in crate::functions::dynamic) const ARRAY_ROTATE_RIGHT: ScalarFunction = ScalarFunction {
    name: "array_rotate_right",
    summary: "Moves elements towards the end of an array, those that leave it to its start.",
    source: "https://learn.microsoft.com/kusto/query/array-rotate-right-function",
    examples: &[Example::new("array_rotate_right(dynamic([1, 2, 3, 4, 5]), 2)", "[4,5,1,2,3]")],
    lower: |call| {
        let count = Expr::Negative(Box::new(call.long(1)?));
        Some(ROTATE.call(vec![call.arg(0)?, count]))
    },
};

pub(in crate::functions::dynamic) static ROTATE: Kernel = Kernel {
    name: "kql_array_rotate_left",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, counts) = (args.text(0)?, args.long(1)?);
        written(args.rows(), |row, out| {
            let Some(mut items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let Some(count) = counts.get(row) else { return Ok(None) };
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let count = count.checked_rem_euclid(length).unwrap_or(0);
            items.rotate_left(usize::try_from(count).unwrap_or(0));
            write_array(items, out);
            Ok(Some(()))
        })
    },
};
