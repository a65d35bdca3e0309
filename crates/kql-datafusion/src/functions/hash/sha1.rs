//! `hash_sha1`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use kql_types::KqlType;
use sha1::{Digest, Sha1};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(super) const HASH_SHA1: ScalarFunction = ScalarFunction {
    name: "hash_sha1",
    summary: "Returns the SHA-1 digest of a value's text, in hexadecimal.",
    source: "https://learn.microsoft.com/kusto/query/hash-sha1-function",
    examples: &[
        Example::new("hash_sha1('World')", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd"),
        Example::new("hash_sha1('')", ""),
    ],
    lower,
};

fn lower(call: &Call) -> Option<datafusion_expr::Expr> {
    let arg = call.args.first()?;
    Some(SHA1.call(vec![convert(arg.expr.clone(), arg.ty, KqlType::String)?]))
}

/// The empty text has the empty digest.
///
/// Source: measured.
pub(super) static SHA1: Kernel = Kernel {
    name: "kql_hash_sha1",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            if !text.is_empty() {
                for byte in Sha1::digest(text.as_bytes()) {
                    write!(out, "{byte:02x}").map_err(|error| exec_datafusion_err!("{error}"))?;
                }
            }
            Ok(Some(()))
        })
    },
};
