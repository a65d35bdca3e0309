//! `dynamic_to_json`: JSON whose text does not depend on how a value came about.

use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{super::convert, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const DYNAMIC_TO_JSON: ScalarFunction = ScalarFunction {
    name: "dynamic_to_json",
    summary: "Returns a dynamic as JSON text, the keys of every bag in order.",
    source: "https://learn.microsoft.com/kusto/query/dynamic-to-json-function",
    examples: &[
        Example::new(
            r#"dynamic_to_json(dynamic({"b": 1, "a": [2, "x"]}))"#,
            r#"{"a":[2,"x"],"b":1}"#,
        ),
        Example::new("dynamic_to_json(dynamic('x'))", r#""x""#),
    ],
    lower: |call| {
        Some(WRITE.call(vec![convert(call.arg(0)?, call.arg_type(0)?, KqlType::Dynamic)?]))
    },
};

/// A null dynamic is the text `null` (inferred).
pub(super) static WRITE: Kernel = Kernel {
    name: "kql_dynamic_to_json",
    returns: Returns::Text,
    eval: |args| {
        let json = args.text(0)?;
        written(args.rows(), |row, out| {
            write(json.get(row).unwrap_or("null"), out);
            Ok(Some(()))
        })
    },
};

/// Writes a value; depth costs heap, not the stack.
fn write(json: &str, out: &mut String) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match dynamic::kind(json) {
        Kind::Array => {
            out.push('[');
            for (number, element) in dynamic::elements(json).enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write(element, out);
            }
            out.push(']');
        }
        Kind::Bag => {
            let mut entries: Vec<(&str, &str)> = dynamic::entries(json).collect();
            entries.sort_by(|(a, _), (b, _)| dynamic::unquote(a).cmp(&dynamic::unquote(b)));
            out.push('{');
            for (number, (key, value)) in entries.into_iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                out.push_str(key);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        _ => out.push_str(json),
    });
}
