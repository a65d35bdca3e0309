//! Functions for views: what makes a table's columns of an event.
//!
//! Kusto has none of them, and their names start with two underscores so that none of it hides behind
//! them. No list of functions shows them.

use super::{Function, Naming::Fresh, ParamType::Of, Returns::Type, function, one, overload};
use kql_types::KqlType::{Dynamic, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("__event_data_xml", Fresh, &[overload(&[one("data", Of(Dynamic))], Type(String))]),
    function("__event_params_xml", Fresh, &[overload(&[one("data", Of(Dynamic))], Type(String))]),
    function("__event_activity", Fresh, &[overload(&[one("id", Of(Long)), one("titles", Of(String)).constant()], Type(String))]),
];
