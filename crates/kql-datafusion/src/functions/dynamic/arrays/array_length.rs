//! `array_length`

use kql_types::dynamic::{self, Kind};

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(in crate::functions::dynamic) const ARRAY_LENGTH: ScalarFunction = ScalarFunction {
    name: "array_length",
    summary: "Returns the number of elements of an array, null of anything else.",
    source: "https://learn.microsoft.com/kusto/query/array-length-function",
    examples: &[
        Example::new("array_length(dynamic([1, 'a', [2, 3]]))", "3"),
        Example::new("array_length(dynamic({'a': 1}))", ""),
    ],
    lower: |call| Some(call.apply(&LENGTH)),
};

pub(in crate::functions::dynamic) static LENGTH: Kernel = Kernel {
    name: "kql_array_length",
    returns: Returns::Long,
    eval: |args| {
        let json = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            let json = json.get(row)?;
            let length = || i64::try_from(dynamic::elements(json).count()).ok();
            if dynamic::kind(json) == Kind::Array { length() } else { None }
        }))
    },
};
