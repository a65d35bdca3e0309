//! `extract_all`

use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::Expr;
use kql_types::{KqlType, dynamic};
use regex::{Captures, Regex};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written, matching};

pub(super) const EXTRACT_ALL: ScalarFunction = ScalarFunction {
    name: "extract_all",
    summary: "Returns what the groups of a regular expression match, of all matches, as an array.",
    source: "https://learn.microsoft.com/kusto/query/extract-all-function",
    examples: &[
        Example::new(r"extract_all(@'(\d+)', 'ports 445 and 139')", r#"["445","139"]"#),
        Example::new(r"extract_all(@'(\w)(\d)', 'a1 b2')", r#"[["a","1"],["b","2"]]"#),
        Example::new(r"extract_all(@'(\w)(\d)', dynamic([2]), 'a1 b2')", r#"["1","2"]"#),
    ],
    lower,
};

/// Without groups to choose, all count; a pattern without any is refused, as Kusto does.
fn lower(call: &Call) -> Option<Expr> {
    let pattern = call.arg(0)?;
    if let Expr::Literal(ScalarValue::Utf8View(Some(text)), _) = &pattern
        && matching::compile(text).is_ok_and(|regex| regex.captures_len() == 1)
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
pub(super) static FIND: Kernel = Kernel {
    name: "kql_extract_all",
    returns: Returns::Text,
    eval: |args| {
        let mut patterns = args.compiled(0, matching::compile)?;
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

/// Returns the numbers of the groups that are chosen by number or name.
fn groups(pattern: &Regex, chosen: Option<&str>) -> Result<Vec<usize>> {
    let Some(chosen) = chosen else { return Ok((1..pattern.captures_len()).collect()) };
    let number = |group: &str| {
        let name = dynamic::unquote(group);
        let by_name = || pattern.capture_names().position(|it| it == Some(name.as_ref()));
        let number = group.parse().ok().or_else(by_name);
        number.ok_or_else(|| exec_datafusion_err!("the pattern has no group {group}"))
    };
    dynamic::elements(chosen).map(number).collect()
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
