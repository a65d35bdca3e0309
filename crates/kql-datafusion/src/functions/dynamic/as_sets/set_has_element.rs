//! `set_has_element`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::nullable_bools, convert,
    json_array::elements,
};

pub(in crate::functions::dynamic) const SET_HAS_ELEMENT: ScalarFunction = ScalarFunction {
    name: "set_has_element",
    summary: "Tells whether an array has an element that equals a value.",
    source: "https://learn.microsoft.com/kusto/query/set-has-element-function",
    examples: &[
        Example::new("set_has_element(dynamic(['a', 'b']), 'b')", "True"),
        Example::new("set_has_element(dynamic([1]), 'b')", "False"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let value = call.args.get(1)?;
    Some(HAS.call(vec![call.arg(0)?, convert(value.expr.clone(), value.ty, KqlType::Dynamic)?]))
}

/// Null if the first argument is no array.
pub(in crate::functions::dynamic) static HAS: Kernel = Kernel {
    name: "kql_set_has_element",
    returns: Returns::Bool,
    eval: |args| {
        let (arrays, values) = (args.text(0)?, args.text(1)?);
        Ok(nullable_bools(args.rows(), |row| {
            let value = values.get(row).unwrap_or("null");
            Some(elements(arrays.get(row)?)?.contains(&value))
        }))
    },
};
