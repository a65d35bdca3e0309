//! Sentinel's `Activity` of an event: its id and its title.

use std::collections::HashMap;

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err};

use super::{Args, Kernel, Returns, ScalarFunction, columns};

/// Arguments: the event's id, and a constant text that has a line for each event, id, blank, title.
pub(super) const EVENT_ACTIVITY: ScalarFunction = ScalarFunction {
    name: "__event_activity",
    summary: "Returns `id - title` of an event; `\"\"` where the list of titles lacks the id.",
    source: "https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityevent",
    examples: &[],
    lower: |call| Some(call.apply(&ACTIVITY)),
};

pub(super) static ACTIVITY: Kernel =
    Kernel { name: "kql_event_activity", returns: Returns::Text, eval: activities };

fn activities(args: &Args<'_>) -> Result<ArrayRef> {
    let ids = args.long(0)?;
    let mut titles = args.compiled(1, read)?;
    columns::written(args.rows(), |row, out| {
        let titles = titles.get(row)?;
        if let Some((id, title)) = ids.get(row).and_then(|id| titles.get_key_value(&id)) {
            out.push_str(&id.to_string());
            out.push_str(" - ");
            out.push_str(title);
        }
        Ok(Some(()))
    })
}

/// Reads the list of titles; empty lines are skipped.
fn read(lines: &str) -> Result<HashMap<i64, String>> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let entry =
                line.split_once(' ').and_then(|(id, title)| Some((id.parse().ok()?, title)));
            let (id, title) =
                entry.ok_or_else(|| exec_datafusion_err!("`{line}` is not an id and a title"))?;
            Ok((id, title.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_id_and_a_title() {
        let titles = read("\n 17 A kettle was filled.\n  18 A kettle boiled.\n").unwrap();
        assert_eq!(titles[&17], "A kettle was filled.");
        assert_eq!(titles.len(), 2);
        assert!(read("a kettle").is_err());
    }
}
