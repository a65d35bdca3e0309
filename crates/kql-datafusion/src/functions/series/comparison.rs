//! `series_less` and its kin: comparison of two arrays, element by element.

use std::cmp::Ordering;

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    arithmetic::{common_len, lower, operands},
    columns::written,
    numbers::write_array,
};

pub(super) const SERIES_EQUALS: ScalarFunction = ScalarFunction {
    name: "series_equals",
    summary: "Tells for each element of two arrays whether it is equal.",
    source: "https://learn.microsoft.com/kusto/query/series-equals-function",
    examples: &[Example::new("series_equals(dynamic([1, 2]), dynamic([4, 2]))", "[false,true]")],
    lower: |call| lower(call, &EQUALS),
};

pub(super) const SERIES_NOT_EQUALS: ScalarFunction = ScalarFunction {
    name: "series_not_equals",
    summary: "Tells for each element of two arrays whether it differs.",
    source: "https://learn.microsoft.com/kusto/query/series-not-equals-function",
    examples: &[Example::new(
        "series_not_equals(dynamic([1, 2]), dynamic([4, 2]))",
        "[true,false]",
    )],
    lower: |call| lower(call, &NOT_EQUALS),
};

pub(super) const SERIES_GREATER: ScalarFunction = ScalarFunction {
    name: "series_greater",
    summary: "Tells for each element of an array whether it is greater than another's.",
    source: "https://learn.microsoft.com/kusto/query/series-greater-function",
    examples: &[Example::new("series_greater(dynamic([1, 2, 4]), 1.5)", "[false,true,true]")],
    lower: |call| lower(call, &GREATER),
};

pub(super) const SERIES_GREATER_EQUALS: ScalarFunction = ScalarFunction {
    name: "series_greater_equals",
    summary: "Tells for each element of an array whether it is at least another's.",
    source: "https://learn.microsoft.com/kusto/query/series-greater-equals-function",
    examples: &[Example::new(
        "series_greater_equals(dynamic([1, 2]), dynamic([4, 2]))",
        "[false,true]",
    )],
    lower: |call| lower(call, &GREATER_EQUALS),
};

pub(super) const SERIES_LESS: ScalarFunction = ScalarFunction {
    name: "series_less",
    summary: "Tells for each element of an array whether it is less than another's.",
    source: "https://learn.microsoft.com/kusto/query/series-less-function",
    examples: &[Example::new(
        "series_less(dynamic([1, 2]), dynamic([4, 2, 1]))",
        "[true,false,null]",
    )],
    lower: |call| lower(call, &LESS),
};

pub(super) const SERIES_LESS_EQUALS: ScalarFunction = ScalarFunction {
    name: "series_less_equals",
    summary: "Tells for each element of an array whether it is at most another's.",
    source: "https://learn.microsoft.com/kusto/query/series-less-equals-function",
    examples: &[Example::new(
        "series_less_equals(dynamic([1, 2]), dynamic([4, 2]))",
        "[true,true]",
    )],
    lower: |call| lower(call, &LESS_EQUALS),
};

pub(super) static EQUALS: Kernel = Kernel {
    name: "kql_series_equals",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a.partial_cmp(&b) == Some(Ordering::Equal)),
};

pub(super) static NOT_EQUALS: Kernel = Kernel {
    name: "kql_series_not_equals",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a.partial_cmp(&b) != Some(Ordering::Equal)),
};

pub(super) static GREATER: Kernel = Kernel {
    name: "kql_series_greater",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a > b),
};

pub(super) static GREATER_EQUALS: Kernel = Kernel {
    name: "kql_series_greater_equals",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a >= b),
};

pub(super) static LESS: Kernel = Kernel {
    name: "kql_series_less",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a < b),
};

pub(super) static LESS_EQUALS: Kernel = Kernel {
    name: "kql_series_less_equals",
    returns: Returns::Text,
    eval: |args| compare(args, |a, b| a <= b),
};

/// Null if an argument is neither array nor number; an element that one has no number for is null.
fn compare(args: &Args<'_>, holds: fn(f64, f64) -> bool) -> Result<ArrayRef> {
    let (left, right) = (args.text(0)?, args.text(1)?);
    written(args.rows(), |row, out| {
        let Some((left, right)) = operands(left.get(row), right.get(row)) else { return Ok(None) };
        let length = common_len(&left, &right);
        let results = (0..length).map(|at| Some(holds(left.real(at)?, right.real(at)?)));
        let results: Vec<Option<bool>> = results.collect();
        write_array(&results, out, |holds, out| {
            out.push_str(if *holds { "true" } else { "false" });
            Ok(())
        })?;
        Ok(Some(()))
    })
}
