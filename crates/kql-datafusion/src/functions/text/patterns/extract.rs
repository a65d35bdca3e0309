//! `extract`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert, matching,
};

pub(in crate::functions::text) const EXTRACT: ScalarFunction = ScalarFunction {
    name: "extract",
    summary: "Returns what a group of a regular expression matches first, as text or as a type.",
    source: "https://learn.microsoft.com/kusto/query/extract-function",
    examples: &[
        Example::new(r"extract(@'\\(\w+)\$', 1, @'\\srv\ADMIN$')", "ADMIN"),
        Example::new("extract('x', 0, 'abc')", ""),
        Example::new("extract('([0-9]+)', 1, 'port 445', typeof(long))", "445"),
    ],
    lower,
};

/// The type argument, if there is one, shows in the type of the call.
fn lower(call: &Call) -> Option<Expr> {
    let found = FIND.call(vec![call.arg(0)?, call.long(1)?, call.arg(2)?]);
    convert(found, KqlType::String, call.ty)
}

/// Nothing found, or no such group, gives `""`.
pub(in crate::functions::text) static FIND: Kernel = Kernel {
    name: "kql_extract",
    returns: Returns::Text,
    eval: |args| {
        let mut patterns = args.compiled(0, matching::compile)?;
        let (groups, texts) = (args.long(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let pattern = patterns.get(row)?;
            let group = groups.get(row).and_then(|group| usize::try_from(group).ok());
            let text = texts.str(row);
            // Without captures a search is many times faster.
            let found = match group {
                Some(0) => pattern.find(text).map(|found| found.as_str()),
                Some(group) => {
                    let captures = pattern.captures(text);
                    captures.and_then(|captures| captures.get(group)).map(|found| found.as_str())
                }
                None => None,
            };
            out.push_str(found.unwrap_or_default());
            Ok(Some(()))
        })
    },
};
