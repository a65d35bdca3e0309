//! `array_split`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    json_array::{elements, place, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_SPLIT: ScalarFunction = ScalarFunction {
    name: "array_split",
    summary: "Splits an array before one index or several into an array of arrays.",
    source: "https://learn.microsoft.com/kusto/query/array-split-function",
    examples: &[
        Example::new("array_split(dynamic([1, 2, 3, 4, 5]), 2)", "[[1,2],[3,4,5]]"),
        Example::new("array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))", "[[1],[2,3],[4,5]]"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let index = call.args.get(1)?;
    Some(SPLIT.call(vec![call.arg(0)?, convert(index.expr.clone(), index.ty, KqlType::Dynamic)?]))
}

/// An array, and an index or an array of ascending indices.
pub(in crate::functions::dynamic) static SPLIT: Kernel = Kernel {
    name: "kql_array_split",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, indices) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let Some(index) = indices.get(row) else { return Ok(None) };
            let indices = elements(index).unwrap_or_else(|| vec![index]);
            let mut places = indices.iter().filter_map(|index| index.parse::<i64>().ok());
            let mut from = 0_usize;
            out.push('[');
            loop {
                let next = places.next().map(|index| place(index, items.len()));
                let to = next.unwrap_or(items.len());
                write_array(items.iter().copied().take(to).skip(from), out);
                if next.is_none() {
                    break;
                }
                out.push(',');
                from = to;
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};
