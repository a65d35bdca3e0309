//! What the groups of a regular expression capture: the work of `parse`.
//!
//! The binder makes the expression; the groups that are columns are called `quarry_0`, `quarry_1`, …

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::dynamic;
use regex::Regex;

use super::{Args, Kernel, Returns, ScalarFunction, columns, constant_text};

pub(super) const PARSE_CAPTURES: ScalarFunction = ScalarFunction {
    name: "parse_captures",
    summary: "Returns the texts that the groups of a pattern capture; null where it does not match.",
    source: "https://learn.microsoft.com/kusto/query/parse-operator",
    examples: &[],
    lower: |call| {
        let pattern = constant_text(call, 1)?;
        Regex::new(&pattern).is_ok().then(|| call.apply(&CAPTURES))
    },
};

pub(super) static CAPTURES: Kernel =
    Kernel { name: "kql_parse_captures", returns: Returns::Text, eval: captures };

/// The pattern, and which of its groups are columns.
struct Pattern {
    regex: Regex,
    groups: Vec<usize>,
}

fn captures(args: &Args<'_>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let mut patterns = args.compiled(1, compile)?;
    columns::written(args.rows(), |row, json| {
        let pattern = patterns.get(row)?;
        let Some(found) = pattern.regex.captures(texts.str(row)) else { return Ok(None) };
        json.push('[');
        for (number, group) in pattern.groups.iter().enumerate() {
            if number > 0 {
                json.push(',');
            }
            dynamic::quote(found.get(*group).map_or("", |it| it.as_str()), json);
        }
        json.push(']');
        Ok(Some(()))
    })
}

fn compile(pattern: &str) -> Result<Pattern> {
    let regex = Regex::new(pattern).map_err(|error| exec_datafusion_err!("{error}"))?;
    let is_column = |name: Option<&str>| name.is_some_and(|name| name.starts_with("quarry_"));
    let names = regex.capture_names().enumerate();
    let groups = names.filter(|(_, name)| is_column(*name)).map(|(at, _)| at).collect();
    Ok(Pattern { regex, groups })
}
