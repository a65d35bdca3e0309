//! `toupper`

use std::borrow::Cow;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::texts};

pub(in crate::functions::text) const TOUPPER: ScalarFunction = ScalarFunction {
    name: "toupper",
    summary: "Returns the text in upper case.",
    source: "https://learn.microsoft.com/kusto/query/toupper-function",
    examples: &[Example::new("toupper('PsExec')", "PSEXEC")],
    lower: |call| Some(call.apply(&UPPER)),
};

/// Character by character: a mapping to several characters is left out, as .NET leaves it out.
///
/// Source: inferred from .NET's invariant culture; measured for ASCII.
pub(in crate::functions::text) static UPPER: Kernel = Kernel {
    name: "kql_toupper",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(Cow::Owned(to_upper(strings.str(row))))))
    },
};

fn to_upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    let map = |character: char| {
        let mut mapped = character.to_uppercase();
        let first = mapped.next().unwrap_or(character);
        if mapped.next().is_none() { first } else { character }
    };
    text.chars().map(map).collect()
}
