//! `zip`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ZIP: ScalarFunction = ScalarFunction {
    name: "zip",
    summary: "Returns an array of arrays: the first elements of all, the second ones, and so on.",
    source: "https://learn.microsoft.com/kusto/query/zip-function",
    examples: &[
        Example::new("zip(dynamic([1, 3]), dynamic([2, 4]))", "[[1,2],[3,4]]"),
        Example::new("zip(dynamic(['a', 1]), dynamic([2]))", r#"[["a",2],[1,null]]"#),
    ],
    lower: |call| Some(call.apply(&ZIP_ARRAYS)),
};

/// Shorter arrays are filled with null; null if one is no array (inferred).
pub(in crate::functions::dynamic) static ZIP_ARRAYS: Kernel = Kernel {
    name: "kql_zip",
    returns: Returns::Text,
    eval: |args| {
        let arrays = (0..args.count()).map(|at| args.text(at));
        let arrays = arrays.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let lists: Option<Vec<_>> = arrays.iter().map(|it| elements(it.get(row)?)).collect();
            let Some(lists) = lists else { return Ok(None) };
            let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
            out.push('[');
            for at in 0..longest {
                if at > 0 {
                    out.push(',');
                }
                write_array(lists.iter().map(|it| it.get(at).copied().unwrap_or("null")), out);
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};
