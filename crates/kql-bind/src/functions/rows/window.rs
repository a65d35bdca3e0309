//! Functions of the rows before and after, in a serialized order.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{NotDynamic, Number, Of, Scalar},
    Returns::{Argument, Type},
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Datetime, Long, Timespan};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("row_number", Fresh, &[overload(&[maybe("starting_index", Of(Long)), maybe("restart", Of(Bool))], Type(Long))]),
    function("row_cumsum", Fresh, &[overload(&[one("term", Number), maybe("restart", Of(Bool))], Argument(0))]),
    alias("row_rank", "row_rank_dense", Fresh, &[overload(&[one("column", NotDynamic), maybe("dense", Of(Bool)).constant()], Type(Long))]),
    function("row_rank_dense", Fresh, &[overload(&[one("term", NotDynamic), maybe("restart", Of(Bool))], Type(Long))]),
    function("row_rank_min", Fresh, &[overload(&[one("term", NotDynamic), maybe("restart", Of(Bool))], Type(Long))]),
    function("row_window_session", Fresh, &[overload(&[one("expr", Of(Datetime)), one("max_distance_from_first", Of(Timespan)), one("max_distance_between_neighbors", Of(Timespan)), maybe("restart", Of(Bool))], Argument(0))]),
    function("prev", Fresh, &[overload(&[one("column", Scalar).column(), maybe("offset", Of(Long)), maybe("default_value", Scalar).constant()], Argument(0))]),
    function("next", Fresh, &[overload(&[one("column", Scalar).column(), maybe("offset", Of(Long)), maybe("default_value", Scalar).constant()], Argument(0))]),
];
