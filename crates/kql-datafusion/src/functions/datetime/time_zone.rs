//! `datetime_utc_to_local`, `datetime_local_to_utc`, `datetime_list_timezones`

use std::str::FromStr;

use chrono::{DateTime, Days, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, lit};
use kql_types::{Ticks, datetime, dynamic, timespan};

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const DATETIME_UTC_TO_LOCAL: ScalarFunction = ScalarFunction {
    name: "datetime_utc_to_local",
    summary: "Returns the local time in a time zone at a point of time.",
    source: "https://learn.microsoft.com/kusto/query/datetime-utc-to-local-function",
    examples: &[Example::new(
        "datetime_utc_to_local(datetime(2022-07-11 22:18:48.5), 'US/Pacific')",
        "2022-07-11T15:18:48.5000000Z",
    )],
    lower: |call| lower(call, &TO_LOCAL),
};

pub(super) const DATETIME_LOCAL_TO_UTC: ScalarFunction = ScalarFunction {
    name: "datetime_local_to_utc",
    summary: "Returns the point of time at which it is a local time in a time zone.",
    source: "https://learn.microsoft.com/kusto/query/datetime-local-to-utc-function",
    examples: &[Example::new(
        "datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'Europe/Paris')",
        "2020-02-02T19:02:20.0000000Z",
    )],
    lower: |call| lower(call, &TO_UTC),
};

pub(super) const DATETIME_LIST_TIMEZONES: ScalarFunction = ScalarFunction {
    name: "datetime_list_timezones",
    summary: "Returns the names of all time zones.",
    source: "https://learn.microsoft.com/kusto/query/datetime-list-timezones-function",
    examples: &[Example::new("set_has_element(datetime_list_timezones(), 'Europe/Paris')", "True")],
    lower: |_| {
        let mut json = String::from("[");
        for (number, zone) in TZ_VARIANTS.iter().enumerate() {
            if number > 0 {
                json.push(',');
            }
            dynamic::quote(zone.name(), &mut json);
        }
        json.push(']');
        Some(lit(ScalarValue::Utf8View(Some(json))))
    },
};

/// A constant that names no time zone is refused.
fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    if let Expr::Literal(ScalarValue::Utf8View(Some(name)), _) = call.arg(1)? {
        Tz::from_str(&name).ok()?;
    }
    Some(call.apply(kernel))
}

pub(super) static TO_LOCAL: Kernel = Kernel {
    name: "kql_datetime_to_local",
    returns: Returns::Long,
    eval: |args| {
        moved(args, |zone, time| {
            let offset = zone.offset_from_utc_datetime(&time);
            i64::from(offset.fix().local_minus_utc())
        })
    },
};

/// A local time that a change of clocks skips counts by the offset behind the change.
///
/// Source: measured. That one which occurs twice does so as well is inferred.
pub(super) static TO_UTC: Kernel = Kernel {
    name: "kql_datetime_to_utc",
    returns: Returns::Long,
    eval: |args| {
        moved(args, |zone, time| {
            let offset = match zone.offset_from_local_datetime(&time) {
                MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(_, offset) => offset,
                MappedLocalTime::None => {
                    let day_after = time.checked_add_days(Days::new(1)).unwrap_or(time);
                    zone.offset_from_utc_datetime(&day_after)
                }
            };
            i64::from(offset.fix().local_minus_utc()).saturating_neg()
        })
    },
};

/// Moves each datetime by the seconds that `offset` gives; null where the zone has no such name
/// (inferred) or the result no place.
fn moved(args: &Args<'_>, offset: fn(Tz, NaiveDateTime) -> i64) -> Result<arrow::array::ArrayRef> {
    let ticks = args.long(0)?;
    let mut zones = args.compiled(1, |name| Ok(Tz::from_str(name).ok()))?;
    let mut moved = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        let zone = *zones.get(row)?;
        moved.push(ticks.get(row).zip(zone).and_then(|(ticks, zone)| {
            let seconds = offset(zone, naive(ticks)?);
            datetime::add(ticks, seconds.checked_mul(timespan::SECOND)?)
        }));
    }
    Ok(longs(args.rows(), |row| moved.get(row).copied().flatten()))
}

/// Returns the datetime to the second: offsets change on whole seconds.
fn naive(ticks: Ticks) -> Option<NaiveDateTime> {
    let seconds = ticks.checked_sub(datetime::UNIX_EPOCH)?.div_euclid(timespan::SECOND);
    Some(DateTime::from_timestamp(seconds, 0)?.naive_utc())
}
