//! `tolower`

use std::borrow::Cow;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::texts};

pub(in crate::functions::text) const TOLOWER: ScalarFunction = ScalarFunction {
    name: "tolower",
    summary: "Returns the text in lower case.",
    source: "https://learn.microsoft.com/kusto/query/tolower-function",
    examples: &[Example::new("tolower('PsExec')", "psexec")],
    lower: |call| Some(call.apply(&LOWER)),
};

/// Character by character: a mapping to several characters is left out, as .NET leaves it out.
///
/// Source: inferred from .NET's invariant culture; measured for ASCII.
pub(in crate::functions::text) static LOWER: Kernel = Kernel {
    name: "kql_tolower",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(Cow::Owned(to_lower(strings.str(row))))))
    },
};

fn to_lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let map = |character: char| {
        let mut mapped = character.to_lowercase();
        let first = mapped.next().unwrap_or(character);
        if mapped.next().is_none() { first } else { character }
    };
    text.chars().map(map).collect()
}
