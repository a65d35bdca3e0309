//! `strcat`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert, size::push,
};

pub(super) const STRCAT: ScalarFunction = ScalarFunction {
    name: "strcat",
    summary: "Returns its arguments, as `tostring` prints them, one after the other.",
    source: "https://learn.microsoft.com/kusto/query/strcat-function",
    examples: &[
        Example::new("strcat('port ', 445, ' ', true)", "port 445 True"),
        Example::new("strcat('a', int(null), 'b')", "ab"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let parts = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::String));
    Some(CONCATENATE.call(parts.collect::<Option<_>>()?))
}

/// Every argument is a string.
pub(super) static CONCATENATE: Kernel = Kernel {
    name: "kql_strcat",
    returns: Returns::Text,
    eval: |args| {
        let parts = (0..args.count()).map(|index| args.text(index));
        let parts = parts.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            for part in &parts {
                push(out, part.str(row))?;
            }
            Ok(Some(()))
        })
    },
};
