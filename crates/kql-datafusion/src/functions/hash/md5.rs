//! `hash_md5`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use kql_types::KqlType;
use md5::{Digest, Md5};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(super) const HASH_MD5: ScalarFunction = ScalarFunction {
    name: "hash_md5",
    summary: "Returns the MD5 digest of a value's text, in hexadecimal.",
    source: "https://learn.microsoft.com/kusto/query/hash-md5-function",
    examples: &[
        Example::new("hash_md5('World')", "f5a7924e621e84c9280a9a27e1bcb7f6"),
        Example::new("hash_md5('')", ""),
    ],
    lower,
};

fn lower(call: &Call) -> Option<datafusion_expr::Expr> {
    let arg = call.args.first()?;
    Some(MD5.call(vec![convert(arg.expr.clone(), arg.ty, KqlType::String)?]))
}

/// The empty text has the empty digest.
///
/// Source: measured.
pub(super) static MD5: Kernel = Kernel {
    name: "kql_hash_md5",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            if !text.is_empty() {
                for byte in Md5::digest(text.as_bytes()) {
                    write!(out, "{byte:02x}").map_err(|error| exec_datafusion_err!("{error}"))?;
                }
            }
            Ok(Some(()))
        })
    },
};
