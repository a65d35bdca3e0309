//! Units of measure.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::{FirstArgument, Fresh},
    ParamType::{Number, Of},
    Returns::Type,
    function, maybe, one, overload,
};
use kql_types::KqlType::{Real, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("format_bytes", FirstArgument, &[overload(&[one("size", Number), maybe("precision", Number).constant(), maybe("format", Of(String)).constant()], Type(String))]),
    function("convert_angle", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_energy", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_force", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_length", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_mass", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_speed", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_temperature", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
    function("convert_volume", Fresh, &[overload(&[one("value", Of(Real)), one("from", Of(String)), one("to", Of(String))], Type(Real))]),
];
