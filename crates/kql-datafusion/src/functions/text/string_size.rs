//! `string_size`

use super::{Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const STRING_SIZE: ScalarFunction = ScalarFunction {
    name: "string_size",
    summary: "Returns the number of bytes of a string in UTF-8.",
    source: "https://learn.microsoft.com/kusto/query/string-size-function",
    examples: &[Example::new("string_size('größe')", "7")],
    lower: |call| Some(call.apply(&SIZE)),
};

pub(in super::super) static SIZE: Kernel = Kernel {
    name: "kql_string_size",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| i64::try_from(texts.str(row).len()).ok()))
    },
};
