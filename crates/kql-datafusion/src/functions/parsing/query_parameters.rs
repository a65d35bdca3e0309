//! `parse_urlquery`, and the query part of `parse_url`

use std::collections::BTreeMap;

use kql_types::dynamic;

use super::{Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const PARSE_URLQUERY: ScalarFunction = ScalarFunction {
    name: "parse_urlquery",
    summary: "Returns the parameters of a URL's query part.",
    source: "https://learn.microsoft.com/kusto/query/parse-url-query-function",
    examples: &[Example::new(
        "parse_urlquery('k2=v2&k1=v1&k2=v3')",
        r#"{"Query Parameters":{"k1":"v1","k2":["v2","v3"]}}"#,
    )],
    lower: |call| Some(call.apply(&PARAMETERS)),
};

pub(super) static PARAMETERS: Kernel = Kernel {
    name: "kql_parse_urlquery",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push_str("{\"Query Parameters\":");
            write_parameters(texts.str(row), out);
            out.push('}');
            Ok(Some(()))
        })
    },
};

/// Writes parameters as a bag: keys sorted, a key that occurs more than once with an array.
///
/// Source: measured within `parse_url`, also that a parameter without key or value is left out.
pub(super) fn write_parameters(query: &str, out: &mut String) {
    let mut values = BTreeMap::<&str, Vec<&str>>::new();
    for parameter in query.split('&') {
        if let Some((key, value)) = parameter.split_once('=')
            && !key.is_empty()
            && !value.is_empty()
        {
            values.entry(key).or_default().push(value);
        }
    }
    out.push('{');
    for (number, (key, values)) in values.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(key, out);
        out.push(':');
        match values.as_slice() {
            [value] => dynamic::quote(value, out),
            values => write_texts(values, out),
        }
    }
    out.push('}');
}

fn write_texts(texts: &[&str], out: &mut String) {
    out.push('[');
    for (number, text) in texts.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(text, out);
    }
    out.push(']');
}
