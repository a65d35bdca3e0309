//! Encodings of bytes and text.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{Array, Of},
    Returns::Type,
    alias, function, one, overload,
};
use kql_types::KqlType::{Dynamic, Guid, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("url_encode", Fresh, &[overload(&[one("url", Of(String))], Type(String))]),
    function("url_encode_component", Fresh, &[overload(&[one("url", Of(String))], Type(String))]),
    function("url_decode", Fresh, &[overload(&[one("encoded_url", Of(String))], Type(String))]),
    alias("base64_encodestring", "base64_encode_tostring", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("base64_encode_tostring", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("base64_decode_toarray", Fresh, &[overload(&[one("base64_string", Of(String))], Type(Dynamic))]),
    function("base64_encode_fromarray", Fresh, &[overload(&[one("base64_string_decoded_as_array", Array)], Type(String))]),
    alias("base64_decodestring", "base64_decode_tostring", Fresh, &[overload(&[one("base64_string", Of(String))], Type(String))]),
    function("base64_decode_tostring", Fresh, &[overload(&[one("base64_string", Of(String))], Type(String))]),
    function("base64_decode_toguid", Fresh, &[overload(&[one("base64_string", Of(String))], Type(Guid))]),
    function("base64_encode_fromguid", Fresh, &[overload(&[one("guid", Of(Guid))], Type(String))]),
    function("zlib_decompress_from_base64_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("zlib_compress_to_base64_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("gzip_decompress_from_base64_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("gzip_compress_to_base64_string", Fresh, &[overload(&[one("string", Of(String))], Type(String))]),
    function("__lz4_compress_dynamic_array_to_base64_string", Fresh, &[overload(&[one("dynamic", Array)], Type(String))]),
];
