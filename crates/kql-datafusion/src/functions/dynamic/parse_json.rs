//! `parse_json`, also called `todynamic`

use std::borrow::Cow;

use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{Example, Kernel, Returns, ScalarFunction, columns::texts};

pub(super) const PARSE_JSON: ScalarFunction = ScalarFunction {
    name: "parse_json",
    summary: "Reads JSON text; text that is none becomes a dynamic string.",
    source: "https://learn.microsoft.com/kusto/query/parse-json-function",
    examples: &[
        Example::new(r#"parse_json('{"a": [1, 2]}').a[1]"#, "2"),
        Example::new("parse_json('no json')", "no json"),
        Example::new("isnull(parse_json(''))", "True"),
    ],
    lower: |call| match call.arg_type(0)? {
        KqlType::String => Some(call.apply(&PARSE)),
        KqlType::Dynamic => call.arg(0),
        _ => None,
    },
};

/// Source: measured, that invalid text becomes a string. That empty text is null is inferred.
pub(super) static PARSE: Kernel = Kernel {
    name: "kql_parse_json",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            let text = strings.str(row);
            if text.trim_ascii().is_empty() {
                return None;
            }
            let json = dynamic::compact(text).unwrap_or_else(|| {
                let mut quoted = String::with_capacity(text.len().saturating_add(2));
                dynamic::quote(text, &mut quoted);
                Cow::Owned(quoted)
            });
            (dynamic::kind(&json) != Kind::Null).then_some(json)
        }))
    },
};
