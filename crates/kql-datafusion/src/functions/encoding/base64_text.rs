//! `base64_encode_tostring`, `base64_decode_tostring`

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const BASE64_ENCODE_TOSTRING: ScalarFunction = ScalarFunction {
    name: "base64_encode_tostring",
    summary: "Returns the UTF-8 bytes of a text in base64.",
    source: "https://learn.microsoft.com/kusto/query/base64-encode-tostring-function",
    examples: &[Example::new("base64_encode_tostring('Kusto')", "S3VzdG8=")],
    lower: |call| Some(call.apply(&ENCODE)),
};

pub(super) const BASE64_DECODE_TOSTRING: ScalarFunction = ScalarFunction {
    name: "base64_decode_tostring",
    summary: "Returns the text whose UTF-8 bytes a base64 text holds, or \"\".",
    source: "https://learn.microsoft.com/kusto/query/base64-decode-tostring-function",
    examples: &[
        Example::new("base64_decode_tostring('S3VzdG8=')", "Kusto"),
        Example::new("base64_decode_tostring('no base64')", ""),
    ],
    lower: |call| Some(call.apply(&DECODE)),
};

pub(super) static ENCODE: Kernel = Kernel {
    name: "kql_base64_encode",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            STANDARD.encode_string(texts.str(row), out);
            Ok(Some(()))
        })
    },
};

/// Text that is no base64, or bytes that are no UTF-8, give `""`.
///
/// Source: measured for bytes that are no UTF-8.
pub(super) static DECODE: Kernel = Kernel {
    name: "kql_base64_decode",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let bytes = STANDARD.decode(texts.str(row)).unwrap_or_default();
            out.push_str(std::str::from_utf8(&bytes).unwrap_or_default());
            Ok(Some(()))
        })
    },
};
