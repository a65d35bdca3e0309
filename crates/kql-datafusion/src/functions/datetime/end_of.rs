//! `endofday`, `endofweek`, `endofmonth`, `endofyear`; weeks start on Sunday.

use datafusion_expr::{Expr, lit};
use kql_types::datetime;

use super::{Call, Example, Kernel, Returns, ScalarFunction, calendar::Unit, columns::longs};
use crate::encoding::text_literal;

pub(super) const ENDOFDAY: ScalarFunction = ScalarFunction {
    name: "endofday",
    summary: "Returns the last tick of the day of a datetime, or of one some days later.",
    source: "https://learn.microsoft.com/kusto/query/endofday-function",
    examples: &[Example::new(
        "endofday(datetime(2017-01-01 10:10:17))",
        "2017-01-01T23:59:59.9999999Z",
    )],
    lower: |call| lower(call, "day"),
};

pub(super) const ENDOFWEEK: ScalarFunction = ScalarFunction {
    name: "endofweek",
    summary: "Returns the last tick of the week of a datetime, or of one some weeks later.",
    source: "https://learn.microsoft.com/kusto/query/endofweek-function",
    examples: &[Example::new("endofweek(datetime(2017-01-01))", "2017-01-07T23:59:59.9999999Z")],
    lower: |call| lower(call, "week"),
};

pub(super) const ENDOFMONTH: ScalarFunction = ScalarFunction {
    name: "endofmonth",
    summary: "Returns the last tick of the month of a datetime, or of one some months later.",
    source: "https://learn.microsoft.com/kusto/query/endofmonth-function",
    examples: &[Example::new("endofmonth(datetime(2017-02-04))", "2017-02-28T23:59:59.9999999Z")],
    lower: |call| lower(call, "month"),
};

pub(super) const ENDOFYEAR: ScalarFunction = ScalarFunction {
    name: "endofyear",
    summary: "Returns the last tick of the year of a datetime, or of one some years later.",
    source: "https://learn.microsoft.com/kusto/query/endofyear-function",
    examples: &[Example::new("endofyear(datetime(2017-03-04))", "2017-12-31T23:59:59.9999999Z")],
    lower: |call| lower(call, "year"),
};

fn lower(call: &Call, unit: &str) -> Option<Expr> {
    let offset = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    Some(END.call(vec![text_literal(unit), call.arg(0)?, offset]))
}

/// The unit's name, a datetime, and a number of units.
pub(super) static END: Kernel = Kernel {
    name: "kql_end_of",
    returns: Returns::Long,
    eval: |args| {
        let (units, points, offsets) = (args.text(0)?, args.long(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            let unit = Unit::named(units.str(row))?;
            let start = unit.start(points.get(row)?)?;
            let next = unit.add(start, offsets.get(row)?.checked_add(1)?);
            // The last unit of all has none behind it.
            next.map_or(Some(datetime::MAX), |next| next.checked_sub(1))
        }))
    },
};
