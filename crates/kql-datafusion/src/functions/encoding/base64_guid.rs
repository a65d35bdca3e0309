//! `base64_decode_toguid`, `base64_encode_fromguid`: 16 bytes as Windows keeps a guid.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use kql_types::guid;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::{texts, written},
};

pub(super) const BASE64_DECODE_TOGUID: ScalarFunction = ScalarFunction {
    name: "base64_decode_toguid",
    summary: "Returns the guid whose 16 bytes a base64 text holds.",
    source: "https://learn.microsoft.com/kusto/query/base64-decode-toguid-function",
    examples: &[
        Example::new(
            "base64_decode_toguid('JpbpECu8dUy7Pv5gbeJXAA==')",
            "10e99626-bc2b-4c75-bb3e-fe606de25700",
        ),
        Example::new("base64_decode_toguid('abcd1231')", ""),
    ],
    lower: |call| Some(call.apply(&DECODE)),
};

pub(super) const BASE64_ENCODE_FROMGUID: ScalarFunction = ScalarFunction {
    name: "base64_encode_fromguid",
    summary: "Returns the 16 bytes of a guid in base64.",
    source: "https://learn.microsoft.com/kusto/query/base64-encode-fromguid-function",
    examples: &[Example::new(
        "base64_encode_fromguid(toguid('10e99626-bc2b-4c75-bb3e-fe606de25700'))",
        "JpbpECu8dUy7Pv5gbeJXAA==",
    )],
    lower: |call| Some(call.apply(&ENCODE)),
};

/// The first three fields have their lowest byte first.
const BYTE_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// Source: measured, also that other than 16 bytes give null.
pub(super) static DECODE: Kernel = Kernel {
    name: "kql_base64_decode_guid",
    returns: Returns::Text,
    eval: |args| {
        let encoded = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            let bytes = STANDARD.decode(encoded.str(row)).ok().filter(|bytes| bytes.len() == 16)?;
            let mut digits = String::with_capacity(32);
            for byte in BYTE_ORDER.iter().filter_map(|&at| bytes.get(at)) {
                write!(digits, "{byte:02x}").ok()?;
            }
            guid::parse(&digits).map(Into::into)
        }))
    },
};

pub(super) static ENCODE: Kernel = Kernel {
    name: "kql_base64_encode_guid",
    returns: Returns::Text,
    eval: |args| {
        let guids = args.text(0)?;
        written(args.rows(), |row, out| {
            let digits: String = guids.str(row).chars().filter(|char| *char != '-').collect();
            let byte = |at: usize| {
                let first = at.saturating_mul(2);
                u8::from_str_radix(digits.get(first..first.saturating_add(2))?, 16).ok()
            };
            let bytes: Option<Vec<u8>> = BYTE_ORDER.iter().map(|&at| byte(at)).collect();
            if let Some(bytes) = bytes {
                STANDARD.encode_string(bytes, out);
            }
            Ok(Some(()))
        })
    },
};
