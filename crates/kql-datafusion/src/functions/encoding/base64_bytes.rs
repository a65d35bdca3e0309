//! `base64_decode_toarray`, `base64_encode_fromarray`

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use datafusion_common::exec_datafusion_err;
use kql_types::dynamic::{self, Kind};

use super::{Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const BASE64_DECODE_TOARRAY: ScalarFunction = ScalarFunction {
    name: "base64_decode_toarray",
    summary: "Returns the bytes that a base64 text holds as an array of longs.",
    source: "https://learn.microsoft.com/kusto/query/base64-decode-toarray-function",
    examples: &[Example::new("base64_decode_toarray('S3VzdG8=')", "[75,117,115,116,111]")],
    lower: |call| Some(call.apply(&DECODE)),
};

pub(super) const BASE64_ENCODE_FROMARRAY: ScalarFunction = ScalarFunction {
    name: "base64_encode_fromarray",
    summary: "Returns an array of bytes in base64.",
    source: "https://learn.microsoft.com/kusto/query/base64-encode-fromarray-function",
    examples: &[Example::new(
        "base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))",
        "S3VzdG8=",
    )],
    lower: |call| Some(call.apply(&ENCODE)),
};

/// Null of text that is no base64.
pub(super) static DECODE: Kernel = Kernel {
    name: "kql_base64_decode_bytes",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let Ok(bytes) = STANDARD.decode(texts.str(row)) else { return Ok(None) };
            out.push('[');
            for (number, byte) in bytes.iter().enumerate() {
                let comma = if number > 0 { "," } else { "" };
                write!(out, "{comma}{byte}").map_err(|error| exec_datafusion_err!("{error}"))?;
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

/// `""` of what is no array of bytes (inferred).
pub(super) static ENCODE: Kernel = Kernel {
    name: "kql_base64_encode_bytes",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            if let Some(bytes) = arrays.get(row).and_then(bytes) {
                STANDARD.encode_string(bytes, out);
            }
            Ok(Some(()))
        })
    },
};

fn bytes(json: &str) -> Option<Vec<u8>> {
    if dynamic::kind(json) != Kind::Array {
        return None;
    }
    dynamic::elements(json).map(|element| element.trim_ascii().parse().ok()).collect()
}
