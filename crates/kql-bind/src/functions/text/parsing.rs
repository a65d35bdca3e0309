//! Formats of text that become values.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::{FirstArgument, Fresh},
    ParamType::{Of, Scalar, StringOrArray, StringOrDynamic, TypeName},
    Reading,
    Returns::{NamedType, Type},
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{Decimal, Dynamic, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("parse_csv", FirstArgument, &[overload(&[one("csv_text", StringOrDynamic)], Type(Dynamic))]),
    alias("parsejson", "parse_json", FirstArgument, &[overload(&[one("json_text", StringOrDynamic).read_as(Reading::Json)], Type(Dynamic))]),
    function("parse_json", FirstArgument, &[overload(&[one("json_text", StringOrDynamic).read_as(Reading::Json)], Type(Dynamic))]),
    function("parse_xml", FirstArgument, &[overload(&[one("xml_text", StringOrDynamic)], Type(Dynamic))]),
    alias("parseurl", "parse_url", Fresh, &[overload(&[one("url", Of(String))], Type(Dynamic))]),
    function("parse_url", Fresh, &[overload(&[one("url", Of(String))], Type(Dynamic))]),
    alias("parseurlquery", "parse_urlquery", Fresh, &[overload(&[one("query", Of(String))], Type(Dynamic))]),
    function("parse_urlquery", Fresh, &[overload(&[one("query", Of(String))], Type(Dynamic))]),
    function("parse_path", Fresh, &[overload(&[one("path", Of(String))], Type(Dynamic))]),
    function("parse_user_agent", Fresh, &[overload(&[one("user_agent", Of(String)), maybe("look_for", StringOrArray)], Type(Dynamic))]),
    function("parse_version", Fresh, &[overload(&[one("version", Of(String))], Type(Decimal))]),
    alias("extractjson", "extract_json", Fresh, &[overload(&[one("json_path", Of(String)).constant(), one("json_text", Of(String))], Type(String)), overload(&[one("json_path", Of(String)).constant(), one("json_text", Of(String)), one("type", TypeName)], NamedType(2))]),
    function("extract_json", Fresh, &[overload(&[one("json_path", Of(String)).constant(), one("json_text", Of(String))], Type(String)), overload(&[one("json_path", Of(String)).constant(), one("json_text", Of(String)), one("type", TypeName)], NamedType(2))]),
    function("dynamic_to_json", Fresh, &[overload(&[one("dynamic", Scalar)], Type(String))]),
];
