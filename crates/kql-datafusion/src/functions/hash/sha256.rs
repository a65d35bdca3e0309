//! `hash_sha256`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use kql_types::KqlType;
use sha2::{Digest, Sha256};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(super) const HASH_SHA256: ScalarFunction = ScalarFunction {
    name: "hash_sha256",
    summary: "Returns the SHA-256 digest of a value's text, in hexadecimal.",
    source: "https://learn.microsoft.com/kusto/query/hash-sha256-function",
    examples: &[
        Example::new(
            "hash_sha256('World')",
            "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524",
        ),
        Example::new("hash_sha256('')", ""),
    ],
    lower,
};

fn lower(call: &Call) -> Option<datafusion_expr::Expr> {
    let arg = call.args.first()?;
    Some(SHA256.call(vec![convert(arg.expr.clone(), arg.ty, KqlType::String)?]))
}

/// The empty text has the empty digest.
///
/// Source: measured.
pub(super) static SHA256: Kernel = Kernel {
    name: "kql_hash_sha256",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            if !text.is_empty() {
                for byte in Sha256::digest(text.as_bytes()) {
                    write!(out, "{byte:02x}").map_err(|error| exec_datafusion_err!("{error}"))?;
                }
            }
            Ok(Some(()))
        })
    },
};
