//! `trim`, `trim_start`, `trim_end`: what a regular expression matches at the ends of a text.

use arrow::array::ArrayRef;
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::Expr;
use regex::{NoExpand, Regex};

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, matching};
use crate::functions::Args;

pub(in crate::functions::text) const TRIM: ScalarFunction = ScalarFunction {
    name: "trim",
    summary: "Removes what a regular expression matches from both ends of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-function",
    examples: &[
        Example::new("trim('--', '--a-b--')", "a-b"),
        Example::new(r"trim(@'\s+', '  a b ')", "a b"),
        Example::new("trim('^-$', '-')", ""),
        Example::new("trim('a$', 'aa')", "a"),
    ],
    lower: |call| lower(call, &BOTH),
};

pub(in crate::functions::text) const TRIM_START: ScalarFunction = ScalarFunction {
    name: "trim_start",
    summary: "Removes what a regular expression matches from the start of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-start-function",
    examples: &[Example::new("trim_start('-+', '--a-')", "a-")],
    lower: |call| lower(call, &START),
};

pub(in crate::functions::text) const TRIM_END: ScalarFunction = ScalarFunction {
    name: "trim_end",
    summary: "Removes what a regular expression matches from the end of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-end-function",
    examples: &[Example::new("trim_end('-+', '-a--')", "-a")],
    lower: |call| lower(call, &END),
};

/// An empty pattern is refused, as Kusto does (measured).
fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let pattern = call.arg(0)?;
    let is_empty = matches!(
        &pattern,
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) if text.is_empty()
    );
    (!is_empty).then(|| call.apply(kernel))
}

pub(in crate::functions::text) static BOTH: Kernel = Kernel {
    name: "kql_trim",
    returns: Returns::Text,
    eval: |args| without(args, |pattern| compile(pattern, &[End::Start, End::End])),
};

pub(in crate::functions::text) static START: Kernel = Kernel {
    name: "kql_trim_start",
    returns: Returns::Text,
    eval: |args| without(args, |pattern| compile(pattern, &[End::Start])),
};

pub(in crate::functions::text) static END: Kernel = Kernel {
    name: "kql_trim_end",
    returns: Returns::Text,
    eval: |args| without(args, |pattern| compile(pattern, &[End::End])),
};

/// Which end of a text a pattern is tied to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Start,
    End,
}

/// Removes every match of one pattern: `^(p)`, `(p)$`, or both as alternatives.
///
/// The query's own pattern stands in it as it is written, so that `a)|(b` closes the group.
///
/// Source: measured, by the pattern that Kusto prints where it is ill-formed, and by its answers.
fn without(args: &Args<'_>, compile: fn(&str) -> Result<Regex>) -> Result<ArrayRef> {
    let mut patterns = args.compiled(0, compile)?;
    let strings = args.text(1)?;
    written(args.rows(), |row, out| {
        out.push_str(&patterns.get(row)?.replace_all(strings.str(row), NoExpand("")));
        Ok(Some(()))
    })
}

fn compile(pattern: &str, ends: &[End]) -> Result<Regex> {
    if pattern.is_empty() {
        return exec_err!("an empty text is not a pattern to trim by");
    }
    let alternatives = ends.iter().map(|end| match end {
        End::Start => format!("^({pattern})"),
        // A name can stand in one pattern once; nothing asks for it here.
        End::End if ends.len() > 1 => format!("({})$", unnamed(pattern)),
        End::End => format!("({pattern})$"),
    });
    matching::compile(&alternatives.collect::<Vec<_>>().join("|"))
}

/// Takes the names off a pattern's groups.
fn unnamed(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['\\', '[', '(']) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        let taken = match special.as_bytes() {
            [b'\\', ..] => special.chars().take(2).map(char::len_utf8).sum(),
            [b'[', ..] => class_len(special),
            _ => 1,
        };
        let (taken, after) = special.split_at_checked(taken).unwrap_or((special, ""));
        out.push_str(taken);
        let name = after.strip_prefix("?P<").or_else(|| after.strip_prefix("?<"));
        rest = match name.and_then(|name| name.split_once('>')) {
            Some((_, behind)) if taken == "(" => behind,
            _ => after,
        };
    }
    out.push_str(rest);
    out
}

/// Returns how many bytes a class in brackets takes, classes in it included.
fn class_len(class: &str) -> usize {
    let (mut depth, mut is_escaped) = (0_usize, false);
    for (at, character) in class.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => depth = depth.saturating_add(1),
            // A bracket that closes right behind the opening one is a member.
            ']' if depth == 1 && matches!(class.get(..at), Some("[" | "[^")) => {}
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at.saturating_add(character.len_utf8());
        }
    }
    class.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_off_groups_and_nothing_else() {
        for (pattern, expected) in [
            ("(?<n>a)(?P<m>b)", "(a)(b)"),
            (r"\(?<n>", r"\(?<n>"),
            ("[(?<n>]x", "[(?<n>]x"),
            ("[]?(?<n>]", "[]?(?<n>]"),
            ("(?i)a(?:b)", "(?i)a(?:b)"),
        ] {
            assert_eq!(unnamed(pattern), expected, "{pattern}");
        }
    }
}
