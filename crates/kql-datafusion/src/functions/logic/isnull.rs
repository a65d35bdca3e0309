//! `isnull`, `isnotnull`

use datafusion_expr::lit;
use kql_types::KqlType;

use super::{Example, ScalarFunction};

pub(super) const ISNULL: ScalarFunction = ScalarFunction {
    name: "isnull",
    summary: "Tells whether a value is null; a string never is.",
    source: "https://learn.microsoft.com/kusto/query/isnull-function",
    examples: &[Example::new("isnull(int(null))", "True"), Example::new("isnull('')", "False")],
    lower: |call| {
        let arg = call.args.first()?;
        let is_string = arg.ty == KqlType::String;
        Some(if is_string { lit(false) } else { arg.expr.clone().is_null() })
    },
};

pub(super) const ISNOTNULL: ScalarFunction = ScalarFunction {
    name: "isnotnull",
    summary: "Tells whether a value is not null; a string always is.",
    source: "https://learn.microsoft.com/kusto/query/isnotnull-function",
    examples: &[Example::new("isnotnull('')", "True")],
    lower: |call| {
        let arg = call.args.first()?;
        let is_string = arg.ty == KqlType::String;
        Some(if is_string { lit(true) } else { arg.expr.clone().is_not_null() })
    },
};
