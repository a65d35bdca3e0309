//! `array_reverse`

use super::super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_REVERSE: ScalarFunction = ScalarFunction {
    name: "array_reverse",
    summary: "Returns an array from its end to its start.",
    source: "https://learn.microsoft.com/kusto/query/array-reverse-function",
    examples: &[Example::new("array_reverse(dynamic([1, 'a']))", r#"["a",1]"#)],
    lower: |call| Some(call.apply(&REVERSE)),
};

pub(in crate::functions::dynamic) static REVERSE: Kernel = Kernel {
    name: "kql_array_reverse",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let Some(mut items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            items.reverse();
            write_array(items, out);
            Ok(Some(()))
        })
    },
};
