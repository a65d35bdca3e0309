//! Rounding to multiples.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::FirstArgument,
    ParamType::{Number, NumberAsReal, NumberOrBool, Of, Summable},
    Returns::{Argument, ArgumentAsLong, Type, Widest},
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{Datetime, Long, Real, Timespan};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("bin", FirstArgument, &[overload(&[one("value", NumberOrBool), one("round_to", NumberOrBool)], Widest), overload(&[one("value", Of(Timespan)), one("round_to", Of(Timespan))], Type(Timespan)), overload(&[one("value", Of(Datetime)), one("round_to", Of(Datetime))], Type(Datetime)), overload(&[one("value", Of(Datetime)), one("round_to", Of(Timespan))], Type(Datetime))]),
    alias("floor", "bin", FirstArgument, &[overload(&[one("value", NumberOrBool), one("round_to", NumberOrBool)], Widest), overload(&[one("value", Of(Timespan)), one("round_to", Of(Timespan))], Type(Timespan)), overload(&[one("value", Of(Datetime)), one("round_to", Of(Datetime))], Type(Datetime)), overload(&[one("value", Of(Datetime)), one("round_to", Of(Timespan))], Type(Datetime))]),
    function("bin_at", FirstArgument, &[overload(&[one("value", Number), one("bin_size", Number), one("fixed_point", Number)], Widest), overload(&[one("value", Of(Timespan)), one("bin_size", Number), one("fixed_point", Of(Timespan))], Type(Timespan)), overload(&[one("value", Of(Timespan)), one("bin_size", Of(Timespan)), one("fixed_point", Of(Timespan))], Type(Timespan)), overload(&[one("value", Of(Datetime)), one("bin_size", Summable), one("fixed_point", Of(Datetime))], Type(Datetime))]),
    function("bin_auto", FirstArgument, &[overload(&[one("value", Summable)], ArgumentAsLong(0))]),
    function("round", FirstArgument, &[overload(&[one("number", Number), maybe("precision", Of(Long)).constant()], Argument(0))]),
    function("ceiling", FirstArgument, &[overload(&[one("number", NumberAsReal)], Type(Real))]),
];
