//! `array_slice`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, place, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_SLICE: ScalarFunction = ScalarFunction {
    name: "array_slice",
    summary: "Returns the elements from one index up to and including another; negative ones count from the end.",
    source: "https://learn.microsoft.com/kusto/query/array-slice-function",
    examples: &[
        Example::new("array_slice(dynamic([1, 2, 3, 4, 5]), 2, -1)", "[3,4,5]"),
        Example::new("array_slice(dynamic([1, 2, 3]), -2, -2)", "[2]"),
    ],
    lower: |call| Some(SLICE.call(vec![call.arg(0)?, call.long(1)?, call.long(2)?])),
};

/// An array, and two indices.
pub(in crate::functions::dynamic) static SLICE: Kernel = Kernel {
    name: "kql_array_slice",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, starts, ends) = (args.text(0)?, args.long(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let Some((start, end)) = starts.get(row).zip(ends.get(row)) else { return Ok(None) };
            let from = place(start, items.len());
            // The end belongs to the slice; one before the first element leaves nothing.
            let is_before = end < 0 && end.unsigned_abs() > items.len() as u64;
            let to = if is_before { 0 } else { place(end, items.len()).saturating_add(1) };
            write_array(items.into_iter().take(to).skip(from), out);
            Ok(Some(()))
        })
    },
};
