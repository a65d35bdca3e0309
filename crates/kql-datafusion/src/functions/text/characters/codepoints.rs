//! `unicode_codepoints_from_string`, `unicode_codepoints_to_string`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use datafusion_expr::Expr;
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};

pub(in crate::functions::text) const FROM_STRING: ScalarFunction = ScalarFunction {
    name: "unicode_codepoints_from_string",
    summary: "Returns the code points of a text as an array of numbers.",
    source: "https://learn.microsoft.com/kusto/query/unicode-codepoints-from-string-function",
    examples: &[Example::new("unicode_codepoints_from_string('A$')", "[65,36]")],
    lower: |call| Some(call.apply(&FROM)),
};

pub(in crate::functions::text) const TO_STRING: ScalarFunction = ScalarFunction {
    name: "unicode_codepoints_to_string",
    summary: "Returns the text of code points, single ones or arrays.",
    source: "https://learn.microsoft.com/kusto/query/unicode-codepoints-to-string-function",
    examples: &[Example::new("unicode_codepoints_to_string(65, dynamic([66, 67]))", "ABC")],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let parts = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::Dynamic));
    Some(TO.call(parts.collect::<Option<_>>()?))
}

pub(in crate::functions::text) static FROM: Kernel = Kernel {
    name: "kql_codepoints_from_string",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push('[');
            for (number, character) in texts.str(row).chars().enumerate() {
                let separator = if number > 0 { "," } else { "" };
                write!(out, "{separator}{}", u32::from(character))
                    .map_err(|error| exec_datafusion_err!("{error}"))?;
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

/// Every argument is a dynamic; what is no code point is left out (inferred).
pub(in crate::functions::text) static TO: Kernel = Kernel {
    name: "kql_codepoints_to_string",
    returns: Returns::Text,
    eval: |args| {
        let parts = (0..args.count()).map(|index| args.text(index));
        let parts = parts.collect::<datafusion_common::Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            for json in parts.iter().filter_map(|part| part.get(row)) {
                if dynamic::kind(json) == Kind::Array {
                    dynamic::elements(json).for_each(|point| out.extend(character(point)));
                } else {
                    out.extend(character(json));
                }
            }
            Ok(Some(()))
        })
    },
};

fn character(point: &str) -> Option<char> {
    char::from_u32(point.parse().ok()?)
}
