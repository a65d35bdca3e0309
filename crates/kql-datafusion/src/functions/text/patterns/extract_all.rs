//! `extract_all`

use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion_expr::Expr;
use kql_types::{KqlType, dynamic};
use regex::{Captures, Regex};

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, matching};

pub(in crate::functions::text) const EXTRACT_ALL: ScalarFunction = ScalarFunction {
    name: "extract_all",
    summary: "Returns what the groups of a regular expression match, of all matches, as an array.",
    source: "https://learn.microsoft.com/kusto/query/extract-all-function",
    examples: &[
        Example::new(r"extract_all(@'(\d+)', 'ports 445 and 139')", r#"["445","139"]"#),
        Example::new(r"extract_all(@'(\w)(\d)', 'a1 b2')", r#"[["a","1"],["b","2"]]"#),
        Example::new(r"extract_all(@'(\w)(\d)', dynamic([2]), 'a1 b2')", r#"["1","2"]"#),
        Example::new(r"extract_all(@'(\w)(\d)', dynamic([2, 3]), 'a1 b2')", r#"["1","2"]"#),
    ],
    lower,
};

/// Groups that a pattern may have at most.
///
/// Source: measured.
const MAX_GROUPS: usize = 16;

/// Without groups to choose, all count; a pattern with none or too many is refused, as Kusto does.
fn lower(call: &Call) -> Option<Expr> {
    let pattern = call.arg(0)?;
    if let Expr::Literal(ScalarValue::Utf8View(Some(text)), _) = &pattern
        && matching::compile(text).is_ok_and(|regex| !has_fitting_groups(&regex))
    {
        return None;
    }
    let all = Expr::Literal(ScalarValue::Utf8View(None), None);
    match call.args.as_slice() {
        [_, text] => Some(FIND.call(vec![pattern, all, text.expr.clone()])),
        [_, groups, text] if groups.ty == KqlType::Dynamic => {
            Some(FIND.call(vec![pattern, groups.expr.clone(), text.expr.clone()]))
        }
        _ => None,
    }
}

/// The pattern, the groups (null for all), and the text. Without a match the result is null
/// (documented).
pub(in crate::functions::text) static FIND: Kernel = Kernel {
    name: "kql_extract_all",
    returns: Returns::Text,
    eval: |args| {
        let mut patterns = args.compiled(0, compile)?;
        let (chosen, strings) = (args.text(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let pattern = patterns.get(row)?;
            let groups = groups(&pattern, chosen.get(row))?;
            let mut found = pattern.captures_iter(strings.str(row)).peekable();
            if found.peek().is_none() {
                return Ok(None);
            }
            out.push('[');
            for (number, captures) in found.enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_groups(&captures, &groups, out);
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

fn compile(pattern: &str) -> Result<Regex> {
    let regex = matching::compile(pattern)?;
    if !has_fitting_groups(&regex) {
        return exec_err!("`{pattern}` needs 1 to {MAX_GROUPS} groups");
    }
    Ok(regex)
}

/// Tells whether there are groups, and not too many; the whole match is none of them.
fn has_fitting_groups(regex: &Regex) -> bool {
    regex.captures_len() > 1 && regex.captures_len().saturating_sub(1) <= MAX_GROUPS
}

/// Returns the numbers of the groups that are chosen by number or name. Numbers that no group has
/// are dropped; if nothing is left, all groups count.
///
/// Source: measured.
fn groups(pattern: &Regex, chosen: Option<&str>) -> Result<Vec<usize>> {
    let all = 1..pattern.captures_len();
    let Some(chosen) = chosen else { return Ok(all.collect()) };
    let mut numbers = Vec::new();
    for group in dynamic::elements(chosen) {
        if let Ok(number) = group.parse::<i64>() {
            numbers.extend(usize::try_from(number).ok().filter(|it| all.contains(it)));
            continue;
        }
        let name = dynamic::unquote(group);
        let number = pattern.capture_names().position(|it| it == Some(name.as_ref()));
        let error = || exec_datafusion_err!("the pattern has no group {group}");
        numbers.push(number.ok_or_else(error)?);
    }
    Ok(if numbers.is_empty() { all.collect() } else { numbers })
}

fn write_groups(captures: &Captures<'_>, groups: &[usize], out: &mut String) {
    let text = |group: usize| captures.get(group).map_or("", |found| found.as_str());
    if let [group] = groups {
        return dynamic::quote(text(*group), out);
    }
    out.push('[');
    for (number, group) in groups.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(text(*group), out);
    }
    out.push(']');
}
