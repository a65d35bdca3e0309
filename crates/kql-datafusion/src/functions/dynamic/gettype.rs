//! `gettype`

use std::borrow::Cow;

use datafusion_expr::Expr;
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::texts};
use crate::encoding::text_literal;

pub(super) const GETTYPE: ScalarFunction = ScalarFunction {
    name: "gettype",
    summary: "Returns the name of a value's type; of a dynamic, of what it holds.",
    source: "https://learn.microsoft.com/kusto/query/gettype-function",
    examples: &[
        Example::new("gettype('a')", "string"),
        Example::new("gettype(111)", "long"),
        Example::new("gettype(dynamic({'a': 1}))", "dictionary"),
        Example::new("gettype(parse_json('1.5'))", "double"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    match call.arg_type(0)? {
        KqlType::Dynamic => Some(call.apply(&HELD)),
        ty => Some(text_literal(ty.name())),
    }
}

pub(super) static HELD: Kernel = Kernel {
    name: "kql_gettype",
    returns: Returns::Text,
    eval: |args| {
        let json = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            let kind = json.get(row).map_or(Kind::Null, dynamic::kind);
            Some(Cow::Borrowed(kind.gettype()))
        }))
    },
};
