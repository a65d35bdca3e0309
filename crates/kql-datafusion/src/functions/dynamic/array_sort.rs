//! `array_sort_asc`, `array_sort_desc`, of one array

use datafusion_common::exec_datafusion_err;
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    array::{elements, write_array},
    columns::written,
};

pub(super) const ARRAY_SORT_ASC: ScalarFunction = ScalarFunction {
    name: "array_sort_asc",
    summary: "Returns an array in ascending order, nulls last unless told otherwise.",
    source: "https://learn.microsoft.com/kusto/query/array-sort-asc-function",
    examples: &[
        Example::new("array_sort_asc(dynamic(['b', null, 'a']))", r#"["a","b",null]"#),
        Example::new("array_sort_asc(dynamic([10, 9, 1.5]), false)", "[1.5,9,10]"),
    ],
    lower: |call| lower(call, false),
};

pub(super) const ARRAY_SORT_DESC: ScalarFunction = ScalarFunction {
    name: "array_sort_desc",
    summary: "Returns an array in descending order, nulls last unless told otherwise.",
    source: "https://learn.microsoft.com/kusto/query/array-sort-desc-function",
    examples: &[Example::new(
        "array_sort_desc(dynamic(['a', null, 'b']), false)",
        r#"[null,"b","a"]"#,
    )],
    lower: |call| lower(call, true),
};

/// Arrays that follow the order of another do not run yet.
fn lower(call: &Call, is_descending: bool) -> Option<Expr> {
    let nulls_last = match call.args.as_slice() {
        [_] => lit(true),
        [_, flag] if flag.ty == KqlType::Bool => flag.expr.clone(),
        _ => return None,
    };
    Some(SORT.call(vec![call.arg(0)?, lit(is_descending), nulls_last]))
}

/// An array, whether it descends, and whether nulls come last.
pub(super) static SORT: Kernel = Kernel {
    name: "kql_array_sort",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        let (descending, nulls_last) = (args.bool(1)?, args.bool(2)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let is_descending = descending.get(row).unwrap_or(false);
            let (nulls, values): (Vec<&str>, Vec<&str>) =
                items.into_iter().partition(|item| dynamic::kind(item) == Kind::Null);
            let Some(values) = sorted(values, is_descending) else {
                return Err(exec_datafusion_err!(
                    "sorting arrays of several types does not run yet"
                ));
            };
            if nulls_last.get(row).unwrap_or(true) {
                write_array(values.into_iter().chain(nulls), out);
            } else {
                write_array(nulls.into_iter().chain(values), out);
            }
            Ok(Some(()))
        })
    },
};

/// Sorts strings, or numbers; `None` if there are both or others.
fn sorted(mut values: Vec<&str>, is_descending: bool) -> Option<Vec<&str>> {
    if values.iter().all(|value| dynamic::kind(value) == Kind::String) {
        values.sort_by_cached_key(|value| dynamic::unquote(value).into_owned());
    } else {
        let numbers = values.into_iter().map(|value| {
            let is_number = matches!(dynamic::kind(value), Kind::Long | Kind::Double);
            let number: f64 = is_number.then(|| value.parse().ok()).flatten()?;
            Some((number, value))
        });
        let mut numbers = numbers.collect::<Option<Vec<_>>>()?;
        numbers.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        values = numbers.into_iter().map(|(_, value)| value).collect();
    }
    if is_descending {
        values.reverse();
    }
    Some(values)
}
