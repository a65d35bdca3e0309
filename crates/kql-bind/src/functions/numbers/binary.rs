//! Bits of integers.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function, Naming::FirstArgument, ParamType::IntegerOrBool, Returns::Type, function, one,
    overload,
};
use kql_types::KqlType::Long;

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("binary_and", FirstArgument, &[overload(&[one("value1", IntegerOrBool), one("value2", IntegerOrBool)], Type(Long))]),
    function("binary_or", FirstArgument, &[overload(&[one("value1", IntegerOrBool), one("value2", IntegerOrBool)], Type(Long))]),
    function("binary_xor", FirstArgument, &[overload(&[one("value1", IntegerOrBool), one("value2", IntegerOrBool)], Type(Long))]),
    function("binary_not", FirstArgument, &[overload(&[one("value", IntegerOrBool)], Type(Long))]),
    function("binary_shift_right", FirstArgument, &[overload(&[one("value", IntegerOrBool), one("shift", IntegerOrBool)], Type(Long))]),
    function("binary_shift_left", FirstArgument, &[overload(&[one("value", IntegerOrBool), one("shift", IntegerOrBool)], Type(Long))]),
    function("bitset_count_ones", FirstArgument, &[overload(&[one("value", IntegerOrBool)], Type(Long))]),
];
