//! `url_decode`

use super::{Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const URL_DECODE: ScalarFunction = ScalarFunction {
    name: "url_decode",
    summary: "Returns the text that stands encoded in a URL.",
    source: "https://learn.microsoft.com/kusto/query/url-decode-function",
    examples: &[
        Example::new("url_decode('https%3a%2f%2fa.b%2Fc+d%20e')", "https://a.b/c d e"),
        Example::new("url_decode('100%')", "100%"),
    ],
    lower: |call| Some(call.apply(&DECODE)),
};

/// What is no code stays; bytes that are no UTF-8 are replaced (both inferred).
pub(super) static DECODE: Kernel = Kernel {
    name: "kql_url_decode",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push_str(&String::from_utf8_lossy(&decode(texts.str(row))));
            Ok(Some(()))
        })
    },
};

fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, code(tail)) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => bytes.push(first),
        }
    }
    bytes
}

/// Reads two hexadecimal digits.
fn code(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let value = digit(0)?.checked_mul(16)?.checked_add(digit(1)?)?;
    u8::try_from(value).ok()
}
