//! `strcat_delim`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert, size::push,
};

pub(super) const STRCAT_DELIM: ScalarFunction = ScalarFunction {
    name: "strcat_delim",
    summary: "Returns its arguments, as `tostring` prints them, with a delimiter between them.",
    source: "https://learn.microsoft.com/kusto/query/strcat-delim-function",
    examples: &[
        Example::new("strcat_delim('-', 1, '2', 'A', 1s)", "1-2-A-00:00:01"),
        Example::new("strcat_delim('-', 'a', int(null), 'b')", "a--b"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let parts = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::String));
    Some(JOIN.call(parts.collect::<Option<_>>()?))
}

/// Every argument is a string, the delimiter first.
pub(super) static JOIN: Kernel = Kernel {
    name: "kql_strcat_delim",
    returns: Returns::Text,
    eval: |args| {
        let delimiters = args.text(0)?;
        let parts = (1..args.count()).map(|index| args.text(index));
        let parts = parts.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    push(out, delimiters.str(row))?;
                }
                push(out, part.str(row))?;
            }
            Ok(Some(()))
        })
    },
};
