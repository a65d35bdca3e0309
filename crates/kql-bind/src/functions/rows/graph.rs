//! Elements of a graph pattern.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{Of, Scalar},
    Returns::Type,
    function, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Dynamic, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("all", Fresh, &[overload(&[one("pattern_element", Scalar), one("expression", Of(Bool))], Type(Bool))]),
    function("any", Fresh, &[overload(&[one("pattern_element", Scalar), one("expression", Of(Bool))], Type(Bool))]),
    function("map", Fresh, &[overload(&[one("pattern_element", Scalar), one("expression", Scalar)], Type(Dynamic))]),
    function("inner_nodes", Fresh, &[overload(&[one("edge", Scalar)], Type(Dynamic))]),
    function("node_id", Fresh, &[overload(&[maybe("node", Scalar)], Type(String))]),
    function("node_degree_in", Fresh, &[overload(&[maybe("node", Scalar)], Type(Long))]),
    function("node_degree_out", Fresh, &[overload(&[maybe("node", Scalar)], Type(Long))]),
    function("labels", Fresh, &[overload(&[maybe("pattern_element", Scalar)], Type(Dynamic))]),
];
