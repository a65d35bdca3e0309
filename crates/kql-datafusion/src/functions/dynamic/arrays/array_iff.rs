//! `array_iff`

use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const ARRAY_IFF: ScalarFunction = ScalarFunction {
    name: "array_iff",
    summary: "Returns for each condition in an array the element of one of two arrays, or a value.",
    source: "https://learn.microsoft.com/kusto/query/array-iff-function",
    examples: &[
        Example::new(
            "array_iff(dynamic([true, false, true]), dynamic([1, 2]), dynamic([3, 4]))",
            "[1,4,null]",
        ),
        Example::new("array_iff(dynamic([1, 0, 'x']), 'yes', 'no')", r#"["yes","no",null]"#),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let dynamics = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::Dynamic));
    Some(CHOOSE.call(dynamics.collect::<Option<_>>()?))
}

/// Null if the conditions are no array. A number is true unless it is zero; any other condition
/// gives null.
///
/// Source: documented, and measured.
pub(in crate::functions::dynamic) static CHOOSE: Kernel = Kernel {
    name: "kql_array_iff",
    returns: Returns::Text,
    eval: |args| {
        let (conditions, if_true, if_false) = (args.text(0)?, args.text(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let Some(conditions) = conditions.get(row).and_then(elements) else { return Ok(None) };
            let (if_true, if_false) =
                (Choice::new(if_true.get(row)), Choice::new(if_false.get(row)));
            let chosen =
                conditions.into_iter().enumerate().map(|(at, condition)| match truth(condition) {
                    Some(true) => if_true.at(at),
                    Some(false) => if_false.at(at),
                    None => "null",
                });
            write_array(chosen, out);
            Result::Ok(Some(()))
        })
    },
};

/// One value for all conditions, or one for each.
enum Choice<'a> {
    Value(&'a str),
    Elements(Vec<&'a str>),
}

impl<'a> Choice<'a> {
    fn new(json: Option<&'a str>) -> Self {
        let json = json.unwrap_or("null");
        elements(json).map_or(Self::Value(json), Self::Elements)
    }

    fn at(&self, at: usize) -> &'a str {
        match self {
            Self::Value(json) => json,
            Self::Elements(elements) => elements.get(at).copied().unwrap_or("null"),
        }
    }
}

fn truth(json: &str) -> Option<bool> {
    match dynamic::kind(json) {
        Kind::Bool => Some(json.trim_ascii() == "true"),
        Kind::Long | Kind::Double => Some(json.trim_ascii().parse::<f64>().ok()? != 0.0),
        _ => None,
    }
}
