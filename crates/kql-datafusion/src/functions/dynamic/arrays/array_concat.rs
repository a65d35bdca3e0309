//! `array_concat`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_CONCAT: ScalarFunction = ScalarFunction {
    name: "array_concat",
    summary: "Returns the elements of all arrays as one array; what is not an array is left out.",
    source: "https://learn.microsoft.com/kusto/query/array-concat-function",
    examples: &[Example::new("array_concat(dynamic([1, 2]), dynamic(['a']))", r#"[1,2,"a"]"#)],
    lower: |call| Some(call.apply(&CONCAT)),
};

pub(in crate::functions::dynamic) static CONCAT: Kernel = Kernel {
    name: "kql_array_concat",
    returns: Returns::Text,
    eval: |args| {
        let arrays = (0..args.count()).map(|at| args.text(at));
        let arrays = arrays.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let items = arrays.iter().filter_map(|array| elements(array.get(row)?)).flatten();
            write_array(items, out);
            Ok(Some(()))
        })
    },
};
