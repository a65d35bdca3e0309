//! Numbers.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::{FirstArgument, Fresh},
    ParamType::{Integer, IntegerOrBool, Number, NumberAsReal, NumberOrBoolAsReal, Of},
    Returns::{Argument, Type},
    function, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Long, Real, Timespan};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("pow", Fresh, &[overload(&[one("base", NumberOrBoolAsReal), one("exponent", NumberOrBoolAsReal)], Type(Real))]),
    function("sqrt", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("log", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("log2", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("log10", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("exp", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("exp2", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("exp10", Fresh, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("pi", Fresh, &[overload(&[], Type(Real))]),
    function("cos", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("sin", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("tan", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("acos", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("asin", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("atan", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("atan2", FirstArgument, &[overload(&[one("y", NumberOrBoolAsReal), one("x", NumberOrBoolAsReal)], Type(Real))]),
    function("abs", FirstArgument, &[overload(&[one("number", IntegerOrBool)], Type(Long)), overload(&[one("number", Number)], Argument(0)), overload(&[one("number", Of(Timespan))], Type(Timespan))]),
    function("cot", Fresh, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("degrees", Fresh, &[overload(&[one("radians", NumberOrBoolAsReal)], Type(Real))]),
    function("radians", Fresh, &[overload(&[one("degrees", NumberOrBoolAsReal)], Type(Real))]),
    function("sign", Fresh, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("rand", FirstArgument, &[overload(&[maybe("number", Integer)], Type(Real))]),
    function("beta_cdf", Fresh, &[overload(&[one("x", NumberAsReal), one("alpha", NumberAsReal), one("beta", NumberAsReal)], Type(Real))]),
    function("beta_inv", Fresh, &[overload(&[one("probability", NumberAsReal), one("alpha", NumberAsReal), one("beta", NumberAsReal)], Type(Real))]),
    function("beta_pdf", Fresh, &[overload(&[one("x", NumberAsReal), one("alpha", NumberAsReal), one("beta", NumberAsReal)], Type(Real))]),
    function("gamma", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("loggamma", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("erf", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("erfc", FirstArgument, &[overload(&[one("number", NumberOrBoolAsReal)], Type(Real))]),
    function("isnan", Fresh, &[overload(&[one("number", Of(Real))], Type(Bool))]),
    function("isinf", Fresh, &[overload(&[one("number", Of(Real))], Type(Bool))]),
    function("isfinite", Fresh, &[overload(&[one("number", Of(Real))], Type(Bool))]),
    function("welch_test", Fresh, &[overload(&[one("mean1", NumberAsReal), one("variance1", NumberAsReal), one("count1", NumberAsReal), one("mean2", NumberAsReal), one("variance2", NumberAsReal), one("count2", NumberAsReal)], Type(Real))]),
];
