//! `parse_csv`: the fields of one record.

use kql_types::KqlType;

use super::{super::convert, Example, Kernel, Returns, ScalarFunction, columns::written};
use crate::functions::json_array::write_texts;

pub(super) const PARSE_CSV: ScalarFunction = ScalarFunction {
    name: "parse_csv",
    summary: "Returns the fields of the first record of comma-separated text.",
    source: "https://learn.microsoft.com/kusto/query/parse-csv-function",
    examples: &[
        Example::new(r#"parse_csv('aa,"b,""b",')"#, r#"["aa","b,\"b",""]"#),
        Example::new(r#"parse_csv("a,b\nc,d")"#, r#"["a","b"]"#),
    ],
    lower: |call| {
        let text = convert(call.arg(0)?, call.arg_type(0)?, KqlType::String)?;
        Some(FIELDS.call(vec![text]))
    },
};

pub(super) static FIELDS: Kernel = Kernel {
    name: "kql_parse_csv",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            if text.is_empty() {
                return Ok(None);
            }
            write_texts(fields(text), out);
            Ok(Some(()))
        })
    },
};

/// Splits one record. Quotes enclose commas, ends of lines and doubled quotes; a further record is
/// left out.
///
/// Source: measured; that a quote within an unquoted field is kept is inferred.
fn fields(text: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => is_quoted = true,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            '\r' | '\n' if !is_quoted => break,
            char => field.push(char),
        }
    }
    fields.push(field);
    fields
}
