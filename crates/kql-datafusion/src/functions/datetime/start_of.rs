//! `startofday`, `startofweek`, `startofmonth`, `startofyear`; weeks start on Sunday.

use datafusion_expr::{Expr, lit};

use super::{Call, Example, Kernel, Returns, ScalarFunction, calendar::Unit, columns::longs};
use crate::encoding::text_literal;

pub(super) const STARTOFDAY: ScalarFunction = ScalarFunction {
    name: "startofday",
    summary: "Returns where the day of a datetime starts, or of one some days later.",
    source: "https://learn.microsoft.com/kusto/query/startofday-function",
    examples: &[Example::new(
        "startofday(datetime(2017-01-01 10:10:17))",
        "2017-01-01T00:00:00.0000000Z",
    )],
    lower: |call| lower(call, "day"),
};

pub(super) const STARTOFWEEK: ScalarFunction = ScalarFunction {
    name: "startofweek",
    summary: "Returns where the week of a datetime starts, or of one some weeks later.",
    source: "https://learn.microsoft.com/kusto/query/startofweek-function",
    examples: &[Example::new("startofweek(datetime(2017-01-04))", "2017-01-01T00:00:00.0000000Z")],
    lower: |call| lower(call, "week"),
};

pub(super) const STARTOFMONTH: ScalarFunction = ScalarFunction {
    name: "startofmonth",
    summary: "Returns where the month of a datetime starts, or of one some months later.",
    source: "https://learn.microsoft.com/kusto/query/startofmonth-function",
    examples: &[Example::new("startofmonth(datetime(2017-03-04))", "2017-03-01T00:00:00.0000000Z")],
    lower: |call| lower(call, "month"),
};

pub(super) const STARTOFYEAR: ScalarFunction = ScalarFunction {
    name: "startofyear",
    summary: "Returns where the year of a datetime starts, or of one some years later.",
    source: "https://learn.microsoft.com/kusto/query/startofyear-function",
    examples: &[Example::new("startofyear(datetime(2017-03-04))", "2017-01-01T00:00:00.0000000Z")],
    lower: |call| lower(call, "year"),
};

fn lower(call: &Call, unit: &str) -> Option<Expr> {
    let offset = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    Some(START.call(vec![text_literal(unit), call.arg(0)?, offset]))
}

/// The unit's name, a datetime, and a number of units.
pub(super) static START: Kernel = Kernel {
    name: "kql_start_of",
    returns: Returns::Long,
    eval: |args| {
        let (units, points, offsets) = (args.text(0)?, args.long(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            let unit = Unit::named(units.str(row))?;
            let start = unit.start(points.get(row)?)?;
            unit.add(start, offsets.get(row)?)
        }))
    },
};
