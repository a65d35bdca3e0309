//! `unixtime_seconds_todatetime` and its kin.

use datafusion_expr::{Expr, lit};
use kql_types::{KqlType, Ticks, datetime, timespan};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const UNIXTIME_SECONDS: ScalarFunction = ScalarFunction {
    name: "unixtime_seconds_todatetime",
    summary: "Returns the datetime of seconds since 1970.",
    source: "https://learn.microsoft.com/kusto/query/unixtime-seconds-todatetime-function",
    examples: &[Example::new(
        "unixtime_seconds_todatetime(1546300800)",
        "2019-01-01T00:00:00.0000000Z",
    )],
    lower: |call| lower(call, timespan::SECOND),
};

pub(super) const UNIXTIME_MILLISECONDS: ScalarFunction = ScalarFunction {
    name: "unixtime_milliseconds_todatetime",
    summary: "Returns the datetime of milliseconds since 1970.",
    source: "https://learn.microsoft.com/kusto/query/unixtime-milliseconds-todatetime-function",
    examples: &[Example::new(
        "unixtime_milliseconds_todatetime(1546300800000)",
        "2019-01-01T00:00:00.0000000Z",
    )],
    lower: |call| lower(call, timespan::MILLISECOND),
};

pub(super) const UNIXTIME_MICROSECONDS: ScalarFunction = ScalarFunction {
    name: "unixtime_microseconds_todatetime",
    summary: "Returns the datetime of microseconds since 1970.",
    source: "https://learn.microsoft.com/kusto/query/unixtime-microseconds-todatetime-function",
    examples: &[Example::new(
        "unixtime_microseconds_todatetime(1546300800000000)",
        "2019-01-01T00:00:00.0000000Z",
    )],
    lower: |call| lower(call, timespan::MICROSECOND),
};

pub(super) const UNIXTIME_NANOSECONDS: ScalarFunction = ScalarFunction {
    name: "unixtime_nanoseconds_todatetime",
    summary: "Returns the datetime of nanoseconds since 1970.",
    source: "https://learn.microsoft.com/kusto/query/unixtime-nanoseconds-todatetime-function",
    examples: &[Example::new(
        "unixtime_nanoseconds_todatetime(1546300800000000000)",
        "2019-01-01T00:00:00.0000000Z",
    )],
    lower: |call| Some(FROM_NANOSECONDS.call(vec![whole(call)?])),
};

fn lower(call: &Call, unit: Ticks) -> Option<Expr> {
    Some(FROM_UNITS.call(vec![whole(call)?, lit(unit)]))
}

/// Fractions of a unit do not run yet.
fn whole(call: &Call) -> Option<Expr> {
    matches!(call.arg_type(0)?, KqlType::Int | KqlType::Long).then(|| call.long(0)).flatten()
}

/// A number of units, and the ticks of one; null beyond the range of a datetime.
pub(super) static FROM_UNITS: Kernel = Kernel {
    name: "kql_datetime_from_unix",
    returns: Returns::Long,
    eval: |args| {
        let (counts, units) = (args.long(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| datetime::from_unix(counts.get(row)?, units.get(row)?)))
    },
};

pub(super) static FROM_NANOSECONDS: Kernel = Kernel {
    name: "kql_datetime_from_unix_nanoseconds",
    returns: Returns::Long,
    eval: |args| {
        let counts = args.long(0)?;
        Ok(longs(args.rows(), |row| counts.get(row).map(datetime::from_unix_nanoseconds)))
    },
};
