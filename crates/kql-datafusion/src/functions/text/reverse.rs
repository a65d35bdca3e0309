//! `reverse`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(super) const REVERSE: ScalarFunction = ScalarFunction {
    name: "reverse",
    summary: "Returns the characters of a text from its end to its start.",
    source: "https://learn.microsoft.com/kusto/query/reverse-function",
    examples: &[
        Example::new("reverse('ADMIN$')", "$NIMDA"),
        Example::new("reverse(12345)", "54321"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let arg = call.args.first()?;
    Some(REVERSE_TEXT.call(vec![convert(arg.expr.clone(), arg.ty, KqlType::String)?]))
}

pub(super) static REVERSE_TEXT: Kernel = Kernel {
    name: "kql_reverse",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.extend(texts.str(row).chars().rev());
            Ok(Some(()))
        })
    },
};
