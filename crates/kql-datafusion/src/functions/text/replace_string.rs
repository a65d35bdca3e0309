//! `replace_string`

use super::{Example, Kernel, Returns, ScalarFunction, columns::written, size::push};

pub(super) const REPLACE_STRING: ScalarFunction = ScalarFunction {
    name: "replace_string",
    summary: "Replaces every occurrence of a text by another.",
    source: "https://learn.microsoft.com/kusto/query/replace-string-function",
    examples: &[Example::new(r"replace_string('a-b-c', '-', '+')", "a+b+c")],
    lower: |call| (call.args.len() == 3).then(|| call.apply(&REPLACE)),
};

/// The empty text occurs nowhere (inferred).
pub(super) static REPLACE: Kernel = Kernel {
    name: "kql_replace_string",
    returns: Returns::Text,
    eval: |args| {
        let (strings, lookups, rewrites) = (args.text(0)?, args.text(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let (text, lookup) = (strings.str(row), lookups.str(row));
            if lookup.is_empty() {
                out.push_str(text);
                return Ok(Some(()));
            }
            for (number, part) in text.split(lookup).enumerate() {
                if number > 0 {
                    push(out, rewrites.str(row))?;
                }
                push(out, part)?;
            }
            Ok(Some(()))
        })
    },
};
