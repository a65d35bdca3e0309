//! `parse_command_line`: the arguments of a Windows command line.

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written};
use crate::functions::json_array::write_texts;

pub(super) const PARSE_COMMAND_LINE: ScalarFunction = ScalarFunction {
    name: "parse_command_line",
    summary: "Returns the arguments of a command line as Windows' CommandLineToArgvW splits them.",
    source: "https://learn.microsoft.com/kusto/query/parse-command-line-function",
    examples: &[
        Example::new(
            r#"parse_command_line('echo "hello world!"', 'windows')"#,
            r#"["echo","hello world!"]"#,
        ),
        Example::new(
            r#"parse_command_line(@'"C:\a b\c.exe" \\x\"y', 'windows')"#,
            r#"["C:\\a b\\c.exe","\\\\x\"y"]"#,
        ),
    ],
    lower,
};

/// There is one kind of command line; another, or one that is not constant, is refused.
fn lower(call: &Call) -> Option<Expr> {
    match call.arg(1)? {
        Expr::Literal(ScalarValue::Utf8View(Some(kind)), _)
            if kind.eq_ignore_ascii_case("windows") =>
        {
            Some(ARGUMENTS.call(vec![call.arg(0)?]))
        }
        _ => None,
    }
}

/// The empty text has no arguments (inferred).
pub(super) static ARGUMENTS: Kernel = Kernel {
    name: "kql_parse_command_line",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            if text.is_empty() {
                return Ok(None);
            }
            write_texts(arguments(text), out);
            Ok(Some(()))
        })
    },
};

/// Splits a command line.
///
/// Source: <https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw>.
/// The first argument ends at a blank or, if it is quoted, at the next quote; a backslash means
/// nothing in it.
fn arguments(line: &str) -> Vec<String> {
    let (program, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => {
            line.split_at_checked(line.find(is_blank).unwrap_or(line.len())).unwrap_or_default()
        }
    };
    let mut arguments = vec![program.to_owned()];
    let mut rest = rest.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let (argument, tail) = argument(rest);
        arguments.push(argument);
        rest = tail.trim_start_matches(is_blank);
    }
    arguments
}

/// Reads one argument behind the first, and returns what follows it.
fn argument(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let mut rest = text;
    let mut is_quoted = false;
    while let Some(first) = rest.chars().next() {
        if is_blank(first) && !is_quoted {
            break;
        }
        let after = rest.trim_start_matches('\\');
        let backslashes = rest.len().saturating_sub(after.len());
        if let Some(behind) = after.strip_prefix('"') {
            argument.extend(std::iter::repeat_n('\\', backslashes / 2));
            rest = behind;
            if backslashes % 2 == 1 {
                argument.push('"');
            } else if is_quoted && let Some(behind) = behind.strip_prefix('"') {
                // A doubled quote within quotes is one, and ends them.
                argument.push('"');
                rest = behind;
                is_quoted = false;
            } else {
                is_quoted = !is_quoted;
            }
        } else if backslashes > 0 {
            argument.extend(std::iter::repeat_n('\\', backslashes));
            rest = after;
        } else {
            argument.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    (argument, rest)
}

const fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_windows_does() {
        for (line, expected) in [
            ("a", vec!["a"]),
            ("a  b\tc ", vec!["a", "b", "c"]),
            (r#"p "a b" c"#, vec!["p", "a b", "c"]),
            (r#"p a\\b"c d""#, vec!["p", r"a\\bc d"]),
            (r#"p a\\\"b"#, vec!["p", r#"a\"b"#]),
            (r#"p "a\\" b"#, vec!["p", r"a\", "b"]),
            (r#"p "a""b c" d"#, vec!["p", "a\"b", "c d"]),
            (r#""C:\x y\z.exe" -k"#, vec![r"C:\x y\z.exe", "-k"]),
            (r#""unclosed name"#, vec!["unclosed name"]),
            (" x", vec!["", "x"]),
            (r#"p "" z"#, vec!["p", "", "z"]),
        ] {
            assert_eq!(arguments(line), expected, "{line}");
        }
    }
}
