//! `datetime_part`, and the functions of one part each.

use datafusion_common::{Result, exec_datafusion_err};
use datafusion_expr::Expr;
use kql_types::{
    KqlType, Ticks,
    datetime::{Civil, day_of_week, day_of_year},
    timespan::DAY,
};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    calendar::{iso_week, quarter},
    columns::longs,
};
use crate::{encoding::text_literal, functions::convert};

pub(super) const DATETIME_PART: ScalarFunction = ScalarFunction {
    name: "datetime_part",
    summary: "Returns a part of a datetime by its name.",
    source: "https://learn.microsoft.com/kusto/query/datetime-part-function",
    examples: &[
        Example::new("datetime_part('quarter', datetime(2017-10-30))", "4"),
        Example::new("datetime_part('week_of_year', datetime(2017-10-30))", "44"),
    ],
    lower: |call| convert(PART.call(vec![call.arg(0)?, call.arg(1)?]), KqlType::Long, call.ty),
};

pub(super) const GETYEAR: ScalarFunction = ScalarFunction {
    name: "getyear",
    summary: "Returns the year of a datetime.",
    source: "https://learn.microsoft.com/kusto/query/getyear-function",
    examples: &[Example::new("getyear(datetime(2015-10-12))", "2015")],
    lower: |call| lower(call, "year"),
};

pub(super) const MONTHOFYEAR: ScalarFunction = ScalarFunction {
    name: "monthofyear",
    summary: "Returns the month of a datetime, 1 to 12.",
    source: "https://learn.microsoft.com/kusto/query/monthofyear-function",
    examples: &[Example::new("monthofyear(datetime(2015-12-14))", "12")],
    lower: |call| lower(call, "month"),
};

pub(super) const DAYOFMONTH: ScalarFunction = ScalarFunction {
    name: "dayofmonth",
    summary: "Returns the day of the month, from 1 on.",
    source: "https://learn.microsoft.com/kusto/query/day-of-month-function",
    examples: &[Example::new("dayofmonth(datetime(2015-12-14))", "14")],
    lower: |call| lower(call, "day"),
};

pub(super) const DAYOFYEAR: ScalarFunction = ScalarFunction {
    name: "dayofyear",
    summary: "Returns the day of the year, from 1 on.",
    source: "https://learn.microsoft.com/kusto/query/day-of-year-function",
    examples: &[Example::new("dayofyear(datetime(2015-12-14))", "348")],
    lower: |call| lower(call, "dayofyear"),
};

pub(super) const HOUROFDAY: ScalarFunction = ScalarFunction {
    name: "hourofday",
    summary: "Returns the hour of a datetime, 0 to 23.",
    source: "https://learn.microsoft.com/kusto/query/hour-of-day-function",
    examples: &[Example::new("hourofday(datetime(2015-12-14 18:54))", "18")],
    lower: |call| lower(call, "hour"),
};

pub(super) const WEEK_OF_YEAR: ScalarFunction = ScalarFunction {
    name: "week_of_year",
    summary: "Returns the week of the year by ISO 8601.",
    source: "https://learn.microsoft.com/kusto/query/week-of-year-function",
    examples: &[Example::new("week_of_year(datetime(2020-12-31))", "53")],
    lower: |call| lower(call, "week_of_year"),
};

pub(super) const DAYOFWEEK: ScalarFunction = ScalarFunction {
    name: "dayofweek",
    summary: "Returns the number of days since Sunday, as a timespan.",
    source: "https://learn.microsoft.com/kusto/query/day-of-week-function",
    examples: &[Example::new("dayofweek(datetime(1970-05-11))", "1.00:00:00")],
    lower: |call| Some(call.apply(&DAY_OF_WEEK)),
};

fn lower(call: &Call, part: &str) -> Option<Expr> {
    convert(PART.call(vec![text_literal(part), call.arg(0)?]), KqlType::Long, call.ty)
}

pub(super) static DAY_OF_WEEK: Kernel = Kernel {
    name: "kql_day_of_week",
    returns: Returns::Long,
    eval: |args| {
        let points = args.long(0)?;
        Ok(longs(args.rows(), |row| i64::from(day_of_week(points.get(row)?)).checked_mul(DAY)))
    },
};

/// The part's name and a datetime.
pub(super) static PART: Kernel = Kernel {
    name: "kql_datetime_part",
    returns: Returns::Long,
    eval: |args| {
        let mut parts = args.compiled(0, |name| {
            part(name).ok_or_else(|| exec_datafusion_err!("no part of a datetime: `{name}`"))
        })?;
        let points = args.long(1)?;
        let values = (0..args.rows()).map(|row| {
            let part = parts.get(row)?;
            Ok(points.get(row).and_then(*part))
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        Ok(longs(args.rows(), |row| values.get(row).copied().flatten()))
    },
};

/// Returns what computes the part of that name.
fn part(name: &str) -> Option<fn(Ticks) -> Option<i64>> {
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => |ticks| Some(Civil::from_ticks(ticks)?.year.into()),
        "quarter" => |ticks| Some(quarter(Civil::from_ticks(ticks)?.month)),
        "month" => |ticks| Some(Civil::from_ticks(ticks)?.month.into()),
        "week_of_year" => iso_week,
        "day" => |ticks| Some(Civil::from_ticks(ticks)?.day.into()),
        "dayofyear" => |ticks| day_of_year(ticks).map(i64::from),
        "hour" => |ticks| Some(Civil::from_ticks(ticks)?.hour.into()),
        "minute" => |ticks| Some(Civil::from_ticks(ticks)?.minute.into()),
        "second" => |ticks| Some(Civil::from_ticks(ticks)?.second.into()),
        "millisecond" => |ticks| fraction(ticks)?.checked_div(10_000),
        "microsecond" => |ticks| fraction(ticks)?.checked_div(10),
        "nanosecond" => |ticks| fraction(ticks)?.checked_mul(100),
        _ => return None,
    })
}

/// Returns the ticks within the second.
fn fraction(ticks: Ticks) -> Option<i64> {
    Some(Civil::from_ticks(ticks)?.tick.into())
}
