//! `strlen`

use super::{Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const STRLEN: ScalarFunction = ScalarFunction {
    name: "strlen",
    summary: "Returns the number of characters of a string.",
    source: "https://learn.microsoft.com/kusto/query/strlen-function",
    examples: &[Example::new("strlen('ADMIN$')", "6"), Example::new("strlen('größe')", "5")],
    lower: |call| Some(call.apply(&LENGTH)),
};

pub(super) static LENGTH: Kernel = Kernel {
    name: "kql_strlen",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            let text = texts.str(row);
            let length = if text.is_ascii() { text.len() } else { text.chars().count() };
            i64::try_from(length).ok()
        }))
    },
};
