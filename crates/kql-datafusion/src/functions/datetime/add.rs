//! `datetime_add`

use super::{Example, Kernel, Returns, ScalarFunction, calendar::Unit, columns::longs};

pub(super) const DATETIME_ADD: ScalarFunction = ScalarFunction {
    name: "datetime_add",
    summary: "Returns a datetime some units later, or earlier for a negative number.",
    source: "https://learn.microsoft.com/kusto/query/datetime-add-function",
    examples: &[
        Example::new(
            "datetime_add('month', 1, datetime(2020-01-31))",
            "2020-02-29T00:00:00.0000000Z",
        ),
        Example::new(
            "datetime_add('week', -1, datetime(2017-01-08))",
            "2017-01-01T00:00:00.0000000Z",
        ),
    ],
    lower: |call| Some(ADD.call(vec![call.arg(0)?, call.long(1)?, call.arg(2)?])),
};

/// The unit's name, a number of units, and a datetime.
pub(super) static ADD: Kernel = Kernel {
    name: "kql_datetime_add_units",
    returns: Returns::Long,
    eval: |args| {
        let (units, counts, points) = (args.text(0)?, args.long(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            Unit::named(units.str(row))?.add(points.get(row)?, counts.get(row)?)
        }))
    },
};
