//! `url_encode`, `url_encode_component`

use std::fmt::Write;

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err};

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const URL_ENCODE: ScalarFunction = ScalarFunction {
    name: "url_encode",
    summary: "Returns a text as it stands in a URL, blanks as `+`.",
    source: "https://learn.microsoft.com/kusto/query/url-encode-function",
    examples: &[Example::new("url_encode('https://a.b/c d')", "https%3a%2f%2fa.b%2fc+d")],
    lower: |call| Some(call.apply(&ENCODE)),
};

pub(super) const URL_ENCODE_COMPONENT: ScalarFunction = ScalarFunction {
    name: "url_encode_component",
    summary: "Returns a text as it stands in a URL, blanks as `%20`.",
    source: "https://learn.microsoft.com/kusto/query/url-encode-component-function",
    examples: &[Example::new("url_encode_component('a b/c')", "a%20b%2fc")],
    lower: |call| Some(call.apply(&ENCODE_COMPONENT)),
};

pub(super) static ENCODE: Kernel =
    Kernel { name: "kql_url_encode", returns: Returns::Text, eval: |args| encode(args, "+") };

pub(super) static ENCODE_COMPONENT: Kernel = Kernel {
    name: "kql_url_encode_component",
    returns: Returns::Text,
    eval: |args| encode(args, "%20"),
};

/// Source: measured, lower-case digits, blanks, `:` and `/`. Which other marks stay is inferred: what
/// .NET's encoder of URLs leaves.
fn encode(args: &Args<'_>, blank: &str) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    written(args.rows(), |row, out| {
        for byte in texts.str(row).bytes() {
            match byte {
                b' ' => out.push_str(blank),
                b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => out.push(byte.into()),
                byte if byte.is_ascii_alphanumeric() => out.push(byte.into()),
                byte => {
                    write!(out, "%{byte:02x}").map_err(|error| exec_datafusion_err!("{error}"))?;
                }
            }
        }
        Ok(Some(()))
    })
}
