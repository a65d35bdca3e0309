//! `isascii`, `isutf8`

use datafusion_expr::lit;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::bools};

pub(in crate::functions::text) const ISASCII: ScalarFunction = ScalarFunction {
    name: "isascii",
    summary: "Tells whether a string has characters of ASCII only.",
    source: "https://learn.microsoft.com/kusto/query/isascii-function",
    examples: &[Example::new("isascii('ADMIN$')", "True"), Example::new("isascii('ü')", "False")],
    lower: |call| Some(call.apply(&IS_ASCII)),
};

pub(in crate::functions::text) const ISUTF8: ScalarFunction = ScalarFunction {
    name: "isutf8",
    summary: "Tells whether a string is valid UTF-8, which every string here is.",
    source: "https://learn.microsoft.com/kusto/query/isutf8-function",
    examples: &[Example::new("isutf8('some string')", "True")],
    lower: |_| Some(lit(true)),
};

pub(in crate::functions::text) static IS_ASCII: Kernel = Kernel {
    name: "kql_isascii",
    returns: Returns::Bool,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(bools(args.rows(), |row| texts.str(row).is_ascii()))
    },
};
