//! `replace_regex`, also called `replace`

use std::borrow::Cow;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::texts, matching};

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
        let mut replaced = Vec::with_capacity(args.rows());
        let mut rewrite = (String::new(), String::new());
        for row in 0..args.rows() {
            if rewrite.0 != rewrites.str(row) {
                rewrite = (rewrites.str(row).to_owned(), replacement(rewrites.str(row)));
            }
            let pattern = patterns.get(row)?;
            replaced.push(pattern.replace_all(strings.str(row), rewrite.1.as_str()).into_owned());
        }
        let mut replaced = replaced.into_iter();
        Ok(texts(args.rows(), |_| replaced.next().map(Cow::Owned)))
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
