//! Regular expressions.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{Array, Of, TypeName},
    Returns::{NamedType, Type},
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{Dynamic, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("extract", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("capture_group", Of(Long)), one("source", Of(String))], Type(String)), overload(&[one("regex", Of(String)).regex(), one("capture_group", Of(Long)), one("source", Of(String)), one("type_literal", TypeName)], NamedType(3))]),
    alias("extractall", "extract_all", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("source", Of(String))], Type(Dynamic)), overload(&[one("regex", Of(String)).regex(), one("capture_groups", Array), one("source", Of(String))], Type(Dynamic))]),
    function("extract_all", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("source", Of(String))], Type(Dynamic)), overload(&[one("regex", Of(String)).regex(), one("capture_groups", Array), one("source", Of(String))], Type(Dynamic))]),
    function("replace", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("rewrite", Of(String)).constant(), one("source", Of(String))], Type(String))]),
    function("replace_regex", Fresh, &[overload(&[one("source", Of(String)), one("lookup_regex", Of(String)).regex(), one("rewrite_pattern", Of(String)).constant()], Type(String))]),
    function("trim_start", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("source", Of(String))], Type(String))]),
    function("trim_end", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("source", Of(String))], Type(String))]),
    function("trim", Fresh, &[overload(&[one("regex", Of(String)).regex(), one("source", Of(String))], Type(String))]),
    function("countof", Fresh, &[overload(&[one("source", Of(String)), one("search", Of(String)), maybe("kind", Of(String)).one_of(&["normal", "regex"])], Type(Long))]),
];
