//! `punycode_from_string` and its kin: names of hosts in other letters than ASCII's.

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{
    super::{Example, Kernel, Returns, ScalarFunction, columns::written},
    punycode_text::{decode, encode},
};
use crate::functions::Args;

pub(in crate::functions::text) const PUNYCODE_FROM_STRING: ScalarFunction = ScalarFunction {
    name: "punycode_from_string",
    summary: "Returns a text in Punycode.",
    source: "https://learn.microsoft.com/kusto/query/punycode-from-string-function",
    examples: &[
        Example::new("punycode_from_string('académie-française')", "acadmie-franaise-npb1a"),
        Example::new("punycode_from_string('艺术')", "cqv902d"),
    ],
    lower: |call| Some(call.apply(&ENCODE)),
};

pub(in crate::functions::text) const PUNYCODE_TO_STRING: ScalarFunction = ScalarFunction {
    name: "punycode_to_string",
    summary: "Returns the text that stands in Punycode, or \"\".",
    source: "https://learn.microsoft.com/kusto/query/punycode-to-string-function",
    examples: &[Example::new("punycode_to_string('acadmie-franaise-npb1a')", "académie-française")],
    lower: |call| Some(call.apply(&DECODE)),
};

pub(in crate::functions::text) const PUNYCODE_DOMAIN_FROM_STRING: ScalarFunction = ScalarFunction {
    name: "punycode_domain_from_string",
    summary: "Returns the name of a host with those parts in letters that stand in Punycode.",
    source: "https://learn.microsoft.com/kusto/query/punycode-domain-from-string-function",
    examples: &[Example::new("punycode_domain_from_string('xn--Ge-mia.Bulg.edu')", "Gáe.Bulg.edu")],
    lower: |call| Some(call.apply(&DECODE_DOMAIN)),
};

pub(in crate::functions::text) const PUNYCODE_DOMAIN_TO_STRING: ScalarFunction = ScalarFunction {
    name: "punycode_domain_to_string",
    summary: "Returns the name of a host with those parts in Punycode that need it.",
    source: "https://learn.microsoft.com/kusto/query/punycode-domain-to-string-function",
    examples: &[
        Example::new("punycode_domain_to_string('艺术.com')", "xn--cqv902d.com"),
        Example::new("punycode_domain_to_string('艺术。com')", "xn--cqv902d.com"),
    ],
    lower: |call| Some(call.apply(&ENCODE_DOMAIN)),
};

pub(in crate::functions::text) static ENCODE: Kernel = Kernel {
    name: "kql_punycode_encode",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push_str(&encode(texts.str(row)));
            Ok(Some(()))
        })
    },
};

/// What is no Punycode gives `""` (inferred).
pub(in crate::functions::text) static DECODE: Kernel = Kernel {
    name: "kql_punycode_decode",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push_str(&decode(texts.str(row)).unwrap_or_default());
            Ok(Some(()))
        })
    },
};

/// What a part in Punycode begins with.
const PREFIX: &str = "xn--";

/// Parts that are no Punycode stay.
pub(in crate::functions::text) static DECODE_DOMAIN: Kernel = Kernel {
    name: "kql_punycode_decode_domain",
    returns: Returns::Text,
    eval: |args| {
        by_parts(args, |part, out| match part.strip_prefix(PREFIX).and_then(decode) {
            Some(decoded) => out.push_str(&decoded),
            None => out.push_str(part),
        })
    },
};

pub(in crate::functions::text) static ENCODE_DOMAIN: Kernel = Kernel {
    name: "kql_punycode_encode_domain",
    returns: Returns::Text,
    eval: |args| {
        by_parts(args, |part, out| {
            if part.is_ascii() {
                out.push_str(part);
            } else {
                out.push_str(PREFIX);
                out.push_str(&encode(part));
            }
        })
    },
};

/// The dots that separate the parts of a domain: the full stop, the ideographic one, and the two that
/// are wide or narrow forms of them.
///
/// Source: RFC 3490, 3.1.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// Writes the parts anew, with full stops between them.
fn by_parts(args: &Args<'_>, write: fn(&str, &mut String)) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    written(args.rows(), |row, out| {
        for (number, part) in texts.str(row).split(DOTS).enumerate() {
            if number > 0 {
                out.push('.');
            }
            write(part, out);
        }
        Ok(Some(()))
    })
}
