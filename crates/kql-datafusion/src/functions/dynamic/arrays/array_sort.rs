//! `array_sort_asc`, `array_sort_desc`

use datafusion_common::{Result, exec_datafusion_err};
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_SORT_ASC: ScalarFunction = ScalarFunction {
    name: "array_sort_asc",
    summary: "Returns an array in ascending order, nulls last unless told otherwise.",
    source: "https://learn.microsoft.com/kusto/query/array-sort-asc-function",
    examples: &[
        Example::new("array_sort_asc(dynamic(['b', null, 'a']))", r#"["a","b",null]"#),
        Example::new("array_sort_asc(dynamic([10, 9, 1.5]), false)", "[1.5,9,10]"),
    ],
    lower: |call| lower(call, false),
};

pub(in crate::functions::dynamic) const ARRAY_SORT_DESC: ScalarFunction = ScalarFunction {
    name: "array_sort_desc",
    summary: "Returns an array in descending order, nulls last unless told otherwise.",
    source: "https://learn.microsoft.com/kusto/query/array-sort-desc-function",
    examples: &[Example::new(
        "array_sort_desc(dynamic(['a', null, 'b']), false)",
        r#"[null,"b","a"]"#,
    )],
    lower: |call| lower(call, true),
};

fn lower(call: &Call, is_descending: bool) -> Option<Expr> {
    let (arrays, nulls_last) = match call.args.split_last()? {
        (flag, arrays) if flag.ty == KqlType::Bool => (arrays, flag.expr.clone()),
        _ => (call.args.as_slice(), lit(true)),
    };
    let order = [lit(is_descending), nulls_last];
    let is_alone = arrays.len() == 1;
    let arrays = arrays.iter().map(|it| it.expr.clone());
    Some(if is_alone {
        SORT.call(arrays.chain(order).collect())
    } else {
        SORT_ALONG.call(order.into_iter().chain(arrays).collect())
    })
}

/// An array, whether it descends, and whether nulls come last.
pub(in crate::functions::dynamic) static SORT: Kernel = Kernel {
    name: "kql_array_sort",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        let (descending, nulls_last) = (args.bool(1)?, args.bool(2)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let places = sorted_places(
                &items,
                descending.get(row).unwrap_or(false),
                nulls_last.get(row).unwrap_or(true),
            )?;
            write_array(places.iter().filter_map(|at| items.get(*at)).copied(), out);
            Ok(Some(()))
        })
    },
};

/// Whether it descends, whether nulls come last, an array, and arrays that follow its order: an
/// array of all, where one of another length is null.
///
/// Source: documented; the order is measured.
pub(in crate::functions::dynamic) static SORT_ALONG: Kernel = Kernel {
    name: "kql_array_sort_along",
    returns: Returns::Text,
    eval: |args| {
        let (descending, nulls_last) = (args.bool(0)?, args.bool(1)?);
        let arrays = (2..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let arrays: Vec<Option<Vec<&str>>> =
                arrays.iter().map(|array| array.get(row).and_then(elements)).collect();
            let Some(Some(first)) = arrays.first() else { return Ok(None) };
            let places = sorted_places(
                first,
                descending.get(row).unwrap_or(false),
                nulls_last.get(row).unwrap_or(true),
            )?;
            let sorted = arrays.iter().map(|array| {
                let array = array.as_ref().filter(|array| array.len() == first.len());
                array.map_or_else(
                    || "null".to_owned(),
                    |array| {
                        let mut json = String::new();
                        let items = places.iter().filter_map(|at| array.get(*at)).copied();
                        write_array(items, &mut json);
                        json
                    },
                )
            });
            let sorted: Vec<String> = sorted.collect();
            write_array(sorted.iter().map(String::as_str), out);
            Ok(Some(()))
        })
    },
};

/// Returns the places of elements in their order.
///
/// # Errors
///
/// They are neither all strings nor all numbers.
fn sorted_places(items: &[&str], is_descending: bool, nulls_last: bool) -> Result<Vec<usize>> {
    let (nulls, values): (Vec<usize>, Vec<usize>) = (0..items.len())
        .partition(|at| items.get(*at).is_some_and(|item| dynamic::kind(item) == Kind::Null));
    let Some(values) = sorted(items, values, is_descending) else {
        return Err(exec_datafusion_err!("sorting arrays of several types does not run yet"));
    };
    let (first, then) = if nulls_last { (values, nulls) } else { (nulls, values) };
    Ok(first.into_iter().chain(then).collect())
}

/// Sorts the places of strings, or of numbers; `None` if there are both or others.
fn sorted(items: &[&str], mut places: Vec<usize>, is_descending: bool) -> Option<Vec<usize>> {
    let item = |at: &usize| items.get(*at).copied().unwrap_or("null");
    if places.iter().all(|at| dynamic::kind(item(at)) == Kind::String) {
        places.sort_by_cached_key(|at| dynamic::unquote(item(at)).into_owned());
    } else {
        let numbers = places.into_iter().map(|at| {
            let is_number = matches!(dynamic::kind(item(&at)), Kind::Long | Kind::Double);
            let number: f64 = is_number.then(|| item(&at).parse().ok()).flatten()?;
            Some((number, at))
        });
        let mut numbers = numbers.collect::<Option<Vec<_>>>()?;
        numbers.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        places = numbers.into_iter().map(|(_, at)| at).collect();
    }
    if is_descending {
        places.reverse();
    }
    Some(places)
}
