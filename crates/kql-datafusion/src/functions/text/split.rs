//! `split`

use datafusion_expr::Expr;
use kql_types::dynamic;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written};
use crate::functions::json_array::write_texts;

pub(super) const SPLIT: ScalarFunction = ScalarFunction {
    name: "split",
    summary: "Returns the parts of a text between delimiters, as an array.",
    source: "https://learn.microsoft.com/kusto/query/split-function",
    examples: &[
        Example::new("split('aa_bb', '_')", r#"["aa","bb"]"#),
        Example::new("split('aa_bb', '_', 1)", r#"["bb"]"#),
        Example::new("split('aa', '_', 1)", "[null]"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let mut args = vec![call.arg(0)?, call.arg(1)?];
    if call.args.len() > 2 {
        args.push(call.long(2)?);
    }
    Some(PARTS.call(args))
}

/// With argument 2, the array has that one part, or null where there is none. An empty text has one
/// part, and an empty delimiter leaves the text whole.
///
/// Source: measured, that an index gives an array; null for a part that is missing is documented,
/// the empty delimiter is inferred.
pub(super) static PARTS: Kernel = Kernel {
    name: "kql_split",
    returns: Returns::Text,
    eval: |args| {
        let (texts, delimiters) = (args.text(0)?, args.text(1)?);
        let indices = if args.count() > 2 { Some(args.long(2)?) } else { None };
        written(args.rows(), |row, out| {
            let (text, delimiter) = (texts.str(row), delimiters.str(row));
            match &indices {
                Some(indices) => write_part(text, delimiter, indices.get(row), out),
                None => write_parts(text, delimiter, out),
            }
            Ok(Some(()))
        })
    },
};

fn write_parts(text: &str, delimiter: &str, out: &mut String) {
    if delimiter.is_empty() {
        write_texts([text], out);
    } else {
        write_texts(text.split(delimiter), out);
    }
}

fn write_part(text: &str, delimiter: &str, index: Option<i64>, out: &mut String) {
    let index = index.and_then(|index| usize::try_from(index).ok());
    let part = index.and_then(|index| {
        if delimiter.is_empty() {
            return (index == 0).then_some(text);
        }
        text.split(delimiter).nth(index)
    });
    out.push('[');
    match part {
        Some(part) => dynamic::quote(part, out),
        None => out.push_str("null"),
    }
    out.push(']');
}
