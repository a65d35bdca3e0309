//! `replace_regex`, also called `replace`

use super::super::{
    Example, Kernel, Returns, ScalarFunction, columns::written, matching, size::push,
};

pub(in crate::functions::text) const REPLACE_REGEX: ScalarFunction = ScalarFunction {
    name: "replace_regex",
    summary: "Replaces what a regular expression matches; `\\1` in the replacement is the first group.",
    source: "https://learn.microsoft.com/kusto/query/replace-regex-function",
    examples: &[
        Example::new(r"replace_regex('Number is 1', @'is (\d+)', @'was: \1')", "Number was: 1"),
        Example::new(r"replace_regex('a.b', @'\.', '$')", "a$b"),
    ],
    lower: |call| Some(call.apply(&REPLACE_ALL)),
};

pub(in crate::functions::text) const REPLACE: ScalarFunction = ScalarFunction {
    name: "replace",
    summary: "Replaces what a regular expression matches; the text comes last.",
    source: "https://learn.microsoft.com/kusto/query/replace-regex-function",
    examples: &[Example::new("replace(@'b+', 'x', 'abbc')", "axc")],
    lower: |call| Some(REPLACE_ALL.call(vec![call.arg(2)?, call.arg(0)?, call.arg(1)?])),
};

/// The text, the pattern and the replacement.
pub(in crate::functions::text) static REPLACE_ALL: Kernel = Kernel {
    name: "kql_replace_regex",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        let mut patterns = args.compiled(1, matching::compile)?;
        let rewrites = args.text(2)?;
        let mut rewrite = (String::new(), String::new());
        written(args.rows(), |row, out| {
            if rewrite.0 != rewrites.str(row) {
                rewrite = (rewrites.str(row).to_owned(), replacement(rewrites.str(row)));
            }
            let pattern = patterns.get(row)?;
            let text = strings.str(row);
            let mut done = 0;
            let mut piece = String::new();
            if rewrite.1.contains('$') {
                for groups in pattern.captures_iter(text) {
                    let Some(found) = groups.get(0) else { continue };
                    push(out, text.get(done..found.start()).unwrap_or_default())?;
                    piece.clear();
                    groups.expand(&rewrite.1, &mut piece);
                    push(out, &piece)?;
                    done = found.end();
                }
            } else {
                // What needs no groups is found in less time.
                for found in pattern.find_iter(text) {
                    push(out, text.get(done..found.start()).unwrap_or_default())?;
                    push(out, &rewrite.1)?;
                    done = found.end();
                }
            }
            push(out, text.get(done..).unwrap_or_default())?;
            Ok(Some(()))
        })
    },
};

/// Writes a replacement in the syntax of the `regex` crate: `\1` as `${1}`, `$` as itself.
fn replacement(kusto: &str) -> String {
    let mut out = String::with_capacity(kusto.len());
    let mut characters = kusto.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            ('$', _) => out.push_str("$$"),
            (_, false) => out.push(character),
            (_, true) => match characters.next() {
                Some(digit @ '0'..='9') => out.extend(["${", digit.to_string().as_str(), "}"]),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
        }
    }
    out
}
