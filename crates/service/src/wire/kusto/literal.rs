//! Text as a literal of KQL.

/// Returns a string as a literal, whatever is in it.
pub(super) fn text(value: &str) -> String {
    // A string of KQL with escapes is one of JSON, but for what JSON writes as a pair of surrogates.
    let mut quoted = String::from("\"");
    for char in value.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
