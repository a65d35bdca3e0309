//! Choices, tests for null and emptiness.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::{Fresh, NamedColumn},
    ParamType::{self, CommonOrderable, NumberOrBool, Of, OneTypeOrDynamic, Scalar},
    Returns::{self, Argument, CommonNotDynamic, Type},
    alias, function, many, one, overload, upto,
};
use kql_types::KqlType::{Bool, String};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    alias("iif", "iff", Fresh, &[overload(&[one("if", Of(Bool)), one("then", OneTypeOrDynamic), one("else", OneTypeOrDynamic)], CommonNotDynamic)]),
    function("iff", Fresh, &[overload(&[one("if", Of(Bool)), one("then", OneTypeOrDynamic), one("else", OneTypeOrDynamic)], CommonNotDynamic)]),
    function("case", Fresh, &[overload(&[many("predicate", Of(Bool), 1), many("then", OneTypeOrDynamic, 1), one("else", OneTypeOrDynamic)], CommonNotDynamic)]),
    function("assert", Fresh, &[overload(&[one("predicate", Of(Bool)), one("message", Of(String))], Type(Bool))]),
    function("not", Fresh, &[overload(&[one("expression", NumberOrBool)], Type(Bool))]),
    alias("notnull", "isnotnull", Fresh, &[overload(&[one("expression", Scalar)], Type(Bool))]),
    function("isnotnull", Fresh, &[overload(&[one("expression", Scalar)], Type(Bool))]),
    function("isnull", Fresh, &[overload(&[one("expression", Scalar)], Type(Bool))]),
    alias("notempty", "isnotempty", Fresh, &[overload(&[one("value", Scalar)], Type(Bool))]),
    function("isnotempty", Fresh, &[overload(&[one("value", Scalar)], Type(Bool))]),
    function("isempty", Fresh, &[overload(&[one("value", Scalar)], Type(Bool))]),
    function("coalesce", Fresh, &[overload(&[upto("arg", ParamType::OneType, 2, 64)], Returns::Common)]),
    function("max_of", Fresh, &[overload(&[many("arg", CommonOrderable, 2)], Returns::Common)]),
    function("min_of", Fresh, &[overload(&[many("arg", CommonOrderable, 2)], Returns::Common)]),
    function("around", Fresh, &[overload(&[one("value", Scalar), one("center", Scalar), one("delta", Scalar)], Type(Bool))]),
    alias("columnifexists", "column_ifexists", NamedColumn, &[overload(&[one("column_name", Of(String)).constant(), one("default_value", Scalar)], Argument(1))]),
    function("column_ifexists", NamedColumn, &[overload(&[one("column_name", Of(String)).constant(), one("default_value", Scalar)], Argument(1))]),
    function("iscolumnexists", Fresh, &[overload(&[one("column_name", Of(String)).constant()], Type(Bool))]),
];
