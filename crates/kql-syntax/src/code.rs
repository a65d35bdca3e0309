//! The codes of the parser's diagnostics: 1xx syntax, 4xx limits.
//!
//! A number, once used, never means anything else; a code that is no longer given stays listed.

use crate::{Code, Explanation};

/// Something stands where the grammar asks for something else.
pub const UNEXPECTED: Code = Code(100);
/// A character that KQL does not use.
pub const UNKNOWN_CHARACTER: Code = Code(101);
/// A string without its closing quote.
pub const UNTERMINATED_STRING: Code = Code(102);
/// A backslash followed by something that is no escape.
pub const UNKNOWN_ESCAPE: Code = Code(103);
/// Quotes of a word processor or web page.
pub const TYPOGRAPHIC_QUOTES: Code = Code(104);
/// A comment between `/*` and `*/`.
pub const BLOCK_COMMENT: Code = Code(105);
/// No expression where one is needed.
pub const EXPECTED_EXPRESSION: Code = Code(106);
/// No tabular operator after a pipe.
pub const UNKNOWN_OPERATOR: Code = Code(107);
/// A tabular operator without the pipe before it.
pub const MISSING_PIPE: Code = Code(108);
/// Two statements without the semicolon between them.
pub const MISSING_SEMICOLON: Code = Code(109);
/// A bracket that is not closed.
pub const UNCLOSED_BRACKET: Code = Code(110);
/// A closing bracket that nothing opened.
pub const UNMATCHED_BRACKET: Code = Code(111);
/// A comma with nothing before or after it.
pub const STRAY_COMMA: Code = Code(112);
/// A keyword in the wrong case.
pub const WRONG_CASE: Code = Code(113);
/// `=` where values are compared.
pub const ASSIGNMENT_FOR_COMPARISON: Code = Code(114);
/// An operator of another language: `&&`, `||`, `!x`, `is`.
pub const FOREIGN_OPERATOR: Code = Code(115);
/// `!has_any` and other negations that KQL does not have.
pub const UNKNOWN_NEGATION: Code = Code(116);
/// A statement of SQL.
pub const SQL: Code = Code(117);
/// A reserved word, or a name with a dash, where a name is needed.
pub const NAME_NEEDS_BRACKETS: Code = Code(118);
/// `a == b == c`
pub const CHAINED_COMPARISON: Code = Code(119);
/// A type that columns and parameters cannot have.
pub const UNKNOWN_TYPE: Code = Code(120);
/// `long(x)` and the like, with something within that is no value of the type.
pub const INVALID_LITERAL: Code = Code(121);
/// Something in `dynamic(…)` that is no literal.
pub const INVALID_DYNAMIC: Code = Code(122);
/// `in`, `has_any` or `between` without parentheses.
pub const LIST_NEEDS_PARENTHESES: Code = Code(123);
/// An expression where only a literal may stand.
pub const EXPECTED_LITERAL: Code = Code(124);
/// A pipe with nothing before it.
pub const NOTHING_TO_PIPE: Code = Code(125);
/// Text after the end of an operator or statement.
pub const TRAILING_TEXT: Code = Code(126);
/// `not` as an operator.
pub const NOT_IS_A_FUNCTION: Code = Code(127);
/// A guid without `guid(…)`.
pub const BARE_GUID: Code = Code(128);
/// A directive after the first statement.
pub const LATE_DIRECTIVE: Code = Code(129);
/// `.show tables` and other commands that manage a database.
pub const MANAGEMENT_COMMAND: Code = Code(130);
/// Brackets, operators or chains of operators within each other beyond the limit.
pub const TOO_DEEP: Code = Code(401);
/// A text of 4 GiB or more.
pub const TOO_LONG: Code = Code(402);

/// Every code of the parser in order.
pub static EXPLANATIONS: &[Explanation] = &[
    explain(
        UNEXPECTED,
        "unexpected text",
        "The grammar asks for something else here. The message names what would have been read.",
        "T | sort Name desc",
    ),
    explain(
        UNKNOWN_CHARACTER,
        "unknown character",
        "KQL uses this character only within strings and comments. Names with other characters than ASCII letters, digits and `_` go in brackets: `['größe']`.",
        "T | where Größe > 1",
    ),
    explain(
        UNTERMINATED_STRING,
        "unterminated string",
        "A string ends on the line it starts on. Close it, double the backslash before the closing quote or use `@\"…\"`, or write three backticks on both sides for text of several lines.",
        "T | where Path has \"C:\\\\Windows\\\"",
    ),
    explain(
        UNKNOWN_ESCAPE,
        "unknown escape",
        "Within quotes a backslash starts an escape such as `\\\\`, `\\n` or `\\u0041`. Paths and regular expressions are best written as `@\"…\"`, where a backslash is a backslash.",
        "T | where Path has \"C:\\Windows\"",
    ),
    explain(
        TYPOGRAPHIC_QUOTES,
        "typographic quotes",
        "Web pages and word processors replace straight quotes by curly ones, which KQL does not read. Replace them by `\"` or `'`.",
        "T | where Name == “cmd.exe”",
    ),
    explain(
        BLOCK_COMMENT,
        "block comment",
        "KQL has comments to the end of the line only: `// …`.",
        "T /* all of it */ | take 5",
    ),
    explain(
        EXPECTED_EXPRESSION,
        "missing expression",
        "An operand, argument or clause is missing here.",
        "T | where Name ==",
    ),
    explain(
        UNKNOWN_OPERATOR,
        "unknown tabular operator",
        "After a pipe comes a tabular operator such as `where`, `project` or `summarize`.",
        "T | selct Name",
    ),
    explain(
        MISSING_PIPE,
        "missing pipe",
        "Each tabular operator is separated from what it reads by `|`.",
        "T\nwhere Name == \"x\"",
    ),
    explain(
        MISSING_SEMICOLON,
        "missing semicolon",
        "Statements are separated by `;`: after each `let`, and between queries.",
        "let since = ago(1d)\nT | where Time > since",
    ),
    explain(
        UNCLOSED_BRACKET,
        "unclosed bracket",
        "The bracket that the message points at has no counterpart.",
        "T | where (Size > 1 and Name has 'x'",
    ),
    explain(
        UNMATCHED_BRACKET,
        "unmatched closing bracket",
        "Nothing before this bracket opens it.",
        "T | where Size > 1)",
    ),
    explain(
        STRAY_COMMA,
        "stray comma",
        "A comma stands between two elements of a list; only `datatable` values and schemas may end with one.",
        "T | project Name, | take 5",
    ),
    explain(
        WRONG_CASE,
        "keyword in the wrong case",
        "Keywords are case-sensitive and in lower case.",
        "T | Where Size > 1",
    ),
    explain(
        ASSIGNMENT_FOR_COMPARISON,
        "`=` instead of `==`",
        "`=` names a column; values are compared by `==`, or `=~` without regard to case.",
        "T | where Size > 1 and Name = 'x'",
    ),
    explain(
        FOREIGN_OPERATOR,
        "operator of another language",
        "KQL writes `and`, `or` and `not(…)`.",
        "T | where Size > 1 && Name == 'x'",
    ),
    explain(
        UNKNOWN_NEGATION,
        "unknown negation",
        "Not every operator has a negated form. Wrap the condition in `not(…)`.",
        "T | where Name !has_any ('x', 'y')",
    ),
    explain(
        SQL,
        "SQL statement",
        "A KQL query starts with a table and pipes it through operators: `T | where … | project …`.",
        "SELECT Name FROM T",
    ),
    explain(
        NAME_NEEDS_BRACKETS,
        "name needs brackets",
        "Reserved words and names with dashes are written as `['name']`.",
        "T | project source-ip = Ip",
    ),
    explain(
        CHAINED_COMPARISON,
        "chained comparison",
        "`==`, `in` and the like compare two values and cannot be chained. Join comparisons by `and`, or add parentheses.",
        "T | where 1 < Size < 5",
    ),
    explain(
        UNKNOWN_TYPE,
        "unknown type",
        "Columns and parameters are of type bool, datetime, decimal, dynamic, guid, int, long, real, string or timespan.",
        "let f = (x: text) { x }; print f('a')",
    ),
    explain(
        INVALID_LITERAL,
        "invalid literal",
        "`long(…)` and the like hold a value written out; to convert a column use `tolong(…)`.",
        "T | extend n = long(Name)",
    ),
    explain(
        INVALID_DYNAMIC,
        "invalid dynamic literal",
        "`dynamic(…)` holds JSON: quoted keys, literals, `null`. To build a value from columns use `pack_array` or `bag_pack`.",
        "print dynamic([Name, Size])",
    ),
    explain(
        LIST_NEEDS_PARENTHESES,
        "missing parentheses",
        "What follows `in`, `has_any`, `has_all` and `between` stands in parentheses.",
        "T | where Name in 'x', 'y'",
    ),
    explain(
        EXPECTED_LITERAL,
        "literal needed",
        "Only a literal may stand here, no expression.",
        "datatable (Time: datetime) [Start]",
    ),
    explain(
        NOTHING_TO_PIPE,
        "nothing before the pipe",
        "A query starts with a table, a `let`, or an operator such as `union`, `print` or `search`.",
        "| where Size > 1",
    ),
    explain(
        TRAILING_TEXT,
        "text after the end of an operator",
        "The operator is complete before this text. A comma or an operator such as `and` may be missing.",
        "T | where Size > 1 Name == 'x'",
    ),
    explain(
        NOT_IS_A_FUNCTION,
        "`not` is a function",
        "Write `not(…)`, or the negated operator: `!in`, `!has`, `!contains`.",
        "T | where not Name has 'x'",
    ),
    explain(
        BARE_GUID,
        "guid without `guid(…)`",
        "A guid literal is written `guid(…)`.",
        "T | where Id == 74be27de-1e4e-49d9-b579-fe0b331d3642",
    ),
    explain(
        LATE_DIRECTIVE,
        "directive after the first statement",
        "Directives (`#…`) stand before the first statement. Comments start with `//`.",
        "T | take 5\n# the first five",
    ),
    explain(
        MANAGEMENT_COMMAND,
        "management command",
        "A text that starts with `.` is a command that manages a Kusto database. There is none here to manage.",
        ".show tables",
    ),
    explain(
        TOO_DEEP,
        "nesting too deep",
        "The query nests brackets, operators or chains of operators deeper than any written by hand. Lists of values are flat: `x in (…)`.",
        "",
    ),
    explain(TOO_LONG, "text too long", "The query's text has 4 GiB or more.", ""),
];

const fn explain(
    code: Code,
    summary: &'static str,
    text: &'static str,
    example: &'static str,
) -> Explanation {
    Explanation { code, summary, text, example }
}

#[cfg(test)]
mod tests {
    use super::EXPLANATIONS;

    #[test]
    fn codes_are_explained_in_order_and_once() {
        assert!(EXPLANATIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
