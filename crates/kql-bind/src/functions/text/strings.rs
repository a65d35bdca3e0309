//! What works on text.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::{FirstArgument, Fresh, Prefix},
    ParamType::{Array, DynamicText, Integer, IntegerOrArray, Of, Text},
    Returns::Type,
    alias, function, many, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Dynamic, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("strcat", Fresh, &[overload(&[many("arg", Text, 1)], Type(String))]),
    function("strcat_array", Fresh, &[overload(&[one("array", Array), one("delimiter", Text)], Type(String))]),
    alias("array_strcat", "strcat_array", Fresh, &[overload(&[one("array", Array), one("delimiter", Text)], Type(String))]),
    function("strcat_delim", Fresh, &[overload(&[one("delimiter", Text), many("arg", Text, 2)], Type(String))]),
    function("strcmp", Fresh, &[overload(&[one("s1", Text), one("s2", Text)], Type(Long))]),
    function("strrep", Fresh, &[overload(&[one("value", Text), one("multiplier", Of(Long)), maybe("delimiter", Text)], Type(String))]),
    function("strlen", Prefix("strlen"), &[overload(&[one("string", DynamicText)], Type(Long))]),
    function("string_size", Prefix("string_size"), &[overload(&[one("string", DynamicText)], Type(Long))]),
    function("toupper", Fresh, &[overload(&[one("value", Text)], Type(String))]),
    function("tolower", Fresh, &[overload(&[one("value", Text)], Type(String))]),
    alias("to_utf8", "unicode_codepoints_from_string", Fresh, &[overload(&[one("value", Text)], Type(Dynamic))]),
    function("unicode_codepoints_from_string", Fresh, &[overload(&[one("value", Text)], Type(Dynamic))]),
    function("substring", Fresh, &[overload(&[one("string", Text), one("start", Integer), maybe("length", Integer)], Type(String))]),
    function("regex_quote", Fresh, &[overload(&[one("string", Text)], Type(String))]),
    function("indexof", Fresh, &[overload(&[one("string", Text), one("match", Text), maybe("start", Integer), maybe("length", Integer), maybe("occurrence", Integer).constant()], Type(Long))]),
    function("indexof_regex", Fresh, &[overload(&[one("string", Text), one("match", Text).regex(), maybe("start", Integer), maybe("length", Integer), maybe("occurrence", Integer).constant()], Type(Long))]),
    function("has_any_index", Fresh, &[overload(&[one("source", DynamicText), one("values", Array)], Type(Long))]),
    function("reverse", Fresh, &[overload(&[one("value", Text)], Type(String))]),
    function("split", FirstArgument, &[overload(&[one("source", Text), one("delimiter", Of(String)), maybe("requested_index", Integer)], Type(Dynamic))]),
    function("parse_command_line", Fresh, &[overload(&[one("command", Text), one("parser", Of(String))], Type(Dynamic))]),
    function("replace_string", Fresh, &[overload(&[one("text", Of(String)), one("lookup", Of(String)), one("rewrite", Of(String))], Type(String))]),
    function("replace_strings", Fresh, &[overload(&[one("text", Of(String)), one("lookups", Array), one("rewrites", Array)], Type(String))]),
    function("translate", Fresh, &[overload(&[one("search_list", Of(String)), one("replacement_list", Of(String)), one("source", Of(String))], Type(String))]),
    alias("make_string", "unicode_codepoints_to_string", Fresh, &[overload(&[many("value", IntegerOrArray, 1)], Type(String))]),
    function("unicode_codepoints_to_string", Fresh, &[overload(&[many("value", IntegerOrArray, 1)], Type(String))]),
    function("isascii", Fresh, &[overload(&[one("value", Text)], Type(Bool))]),
    function("isutf8", Fresh, &[overload(&[one("value", Text)], Type(Bool))]),
    function("punycode_to_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("punycode_from_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("punycode_domain_from_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("punycode_domain_to_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
];
