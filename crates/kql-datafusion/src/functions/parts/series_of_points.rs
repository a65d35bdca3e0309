//! Points, each a step's start and its values, as the array of one of the values: the work of
//! `make-series`.

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_err};
use kql_types::dynamic;

use super::{Args, Kernel, Returns, ScalarFunction, columns};

pub(super) const SERIES_OF_POINTS: ScalarFunction = ScalarFunction {
    name: "series_of_points",
    summary: "Returns one value of each point, and a default for steps without a point.",
    source: "https://learn.microsoft.com/kusto/query/make-series-operator",
    examples: &[],
    lower: |call| Some(call.apply(&SERIES)),
};

/// Arguments: the points; the first start, the end and the step; the value's place in a point; the
/// default.
pub(super) static SERIES: Kernel =
    Kernel { name: "kql_series_of_points", returns: Returns::Text, eval: series };

/// As many values as `range` gives at most.
const MAX_VALUES: i64 = 1_048_576;

fn series(args: &Args<'_>) -> Result<ArrayRef> {
    let (points, default) = (args.text(0)?, args.text(5)?);
    let limits = [args.long(1)?, args.long(2)?, args.long(3)?];
    let place = args.long(4)?;
    columns::written(args.rows(), |row, json| {
        let [Some(from), Some(to), Some(step)] = limits.each_ref().map(|it| it.get(row)) else {
            return Ok(None);
        };
        let count = count(from, to, step);
        if count > MAX_VALUES {
            return exec_err!("a series of {count} values, of which {MAX_VALUES} can be made");
        }
        let default = default.get(row).unwrap_or("null");
        let mut values = vec![default; usize::try_from(count).unwrap_or_default()];
        for point in dynamic::elements(points.get(row).unwrap_or_default()) {
            let start = dynamic::index(point, 0).and_then(|start| start.parse::<i64>().ok());
            let value = place.get(row).and_then(|place| dynamic::index(point, place));
            let at = start.and_then(|start| start.checked_sub(from)?.checked_div(step));
            let slot = at.and_then(|at| values.get_mut(usize::try_from(at).ok()?));
            if let (Some(slot), Some(value)) = (slot, value) {
                *slot = value;
            }
        }
        json.push('[');
        for (number, value) in values.into_iter().enumerate() {
            if number > 0 {
                json.push(',');
            }
            json.push_str(value);
        }
        json.push(']');
        Ok(Some(()))
    })
}

/// Returns how many steps start before the end.
fn count(from: i64, to: i64, step: i64) -> i64 {
    let Some(last) = to.checked_sub(from).and_then(|length| length.checked_sub(1)) else {
        return 0;
    };
    if step <= 0 || last < 0 {
        return 0;
    }
    last.checked_div(step).map_or(0, |steps| steps.saturating_add(1))
}
