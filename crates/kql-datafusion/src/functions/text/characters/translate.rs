//! `translate`

use std::collections::HashMap;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::written};

pub(in crate::functions::text) const TRANSLATE: ScalarFunction = ScalarFunction {
    name: "translate",
    summary: "Replaces characters by those at the same place of another list; its last one stands for the rest.",
    source: "https://learn.microsoft.com/kusto/query/translate-function",
    examples: &[
        Example::new("translate('krasp', 'otsku', 'spark')", "kusto"),
        Example::new("translate('abc', 'ab', 'abc')", "abb"),
        Example::new("translate('abc', '', 'abcd')", "d"),
    ],
    lower: |call| Some(call.apply(&TRANSLATE_TEXT)),
};

/// With no replacements characters are removed.
pub(in crate::functions::text) static TRANSLATE_TEXT: Kernel =
    Kernel {
        name: "kql_translate",
        returns: Returns::Text,
        eval: |args| {
            let (searches, replacements, texts) = (args.text(0)?, args.text(1)?, args.text(2)?);
            written(args.rows(), |row, out| {
                let replacements = replacements.str(row);
                let rest = replacements.chars().next_back();
                let replacements = replacements.chars().map(Some).chain(std::iter::repeat(rest));
                let mut table = HashMap::new();
                for (search, replacement) in searches.str(row).chars().zip(replacements) {
                    table.entry(search).or_insert(replacement);
                }
                out.extend(texts.str(row).chars().filter_map(|character| {
                    table.get(&character).copied().unwrap_or(Some(character))
                }));
                Ok(Some(()))
            })
        },
    };
