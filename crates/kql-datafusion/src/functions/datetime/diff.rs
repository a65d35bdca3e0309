//! `datetime_diff`

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::{Call, Example, Kernel, Returns, ScalarFunction, calendar::Unit, columns::longs};

pub(super) const DATETIME_DIFF: ScalarFunction = ScalarFunction {
    name: "datetime_diff",
    summary: "Returns how many starts of a unit lie between two datetimes: the first minus the second.",
    source: "https://learn.microsoft.com/kusto/query/datetime-diff-function",
    examples: &[
        Example::new("datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31))", "17"),
        Example::new(
            "datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))",
            "2",
        ),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let unit = call.arg(0)?;
    match &unit {
        Expr::Literal(ScalarValue::Utf8View(Some(name)), _) if Unit::named(name).is_some() => {}
        _ => return None,
    }
    Some(DIFF.call(vec![unit, call.arg(1)?, call.arg(2)?]))
}

/// The unit's name and two datetimes.
pub(super) static DIFF: Kernel = Kernel {
    name: "kql_datetime_diff",
    returns: Returns::Long,
    eval: |args| {
        let (units, left, right) = (args.text(0)?, args.long(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            let unit = Unit::named(units.str(row))?;
            let (left, right) = (left.get(row)?, right.get(row)?);
            if unit == Unit::Nanosecond {
                return left.checked_sub(right)?.checked_mul(100);
            }
            unit.number(left)?.checked_sub(unit.number(right)?)
        }))
    },
};
