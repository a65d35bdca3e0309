//! From one type to another.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::{FirstArgument, Fresh},
    ParamType::{IntOrLong, Integer, Of, Scalar, StringOrDynamic, TypeName},
    Reading,
    Returns::{NamedType, Type},
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{
    Bool, Datetime, Decimal, Dynamic, Guid, Int, Long, Real, String, Timespan,
};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("tostring", FirstArgument, &[overload(&[one("value", Scalar)], Type(String))]),
    function("tohex", FirstArgument, &[overload(&[one("value", IntOrLong), maybe("min_length", Integer)], Type(String))]),
    alias("todynamic", "parse_json", FirstArgument, &[overload(&[one("value", Of(String)).read_as(Reading::Json)], Type(Dynamic))]),
    alias("toobject", "parse_json", FirstArgument, &[overload(&[one("value", Of(String)).read_as(Reading::Json)], Type(Dynamic))]),
    function("tolong", FirstArgument, &[overload(&[one("value", Scalar)], Type(Long))]),
    function("toint", FirstArgument, &[overload(&[one("value", Scalar)], Type(Int))]),
    function("toreal", FirstArgument, &[overload(&[one("value", Scalar)], Type(Real))]),
    alias("todouble", "toreal", FirstArgument, &[overload(&[one("value", Scalar)], Type(Real))]),
    function("todatetime", FirstArgument, &[overload(&[one("value", Scalar)], Type(Datetime))]),
    function("totimespan", FirstArgument, &[overload(&[one("value", Scalar)], Type(Timespan))]),
    alias("totime", "totimespan", FirstArgument, &[overload(&[one("value", Scalar)], Type(Timespan))]),
    function("tobool", FirstArgument, &[overload(&[one("value", Scalar)], Type(Bool))]),
    alias("toboolean", "tobool", FirstArgument, &[overload(&[one("value", Scalar)], Type(Bool))]),
    function("todecimal", FirstArgument, &[overload(&[one("value", Scalar)], Type(Decimal))]),
    function("toguid", FirstArgument, &[overload(&[one("value", StringOrDynamic)], Type(Guid))]),
    function("gettype", Fresh, &[overload(&[one("value", Scalar)], Type(String))]),
    function("__cast", Fresh, &[overload(&[one("type", TypeName), one("value", Scalar)], NamedType(0))]),
];
