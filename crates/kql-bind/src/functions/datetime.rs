//! Points in time and spans of it.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::{FirstArgument, Fresh, OnlyArgument},
    ParamType::{Integer, Number, Of, Scalar},
    Returns::Type,
    alias, function, maybe, one, overload,
};
use kql_types::KqlType::{Datetime, Dynamic, Int, Long, String, Timespan};

/// What can be added to a datetime, and what differences are counted in.
const PERIODS: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];

/// What a datetime consists of.
const PARTS: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week_of_year",
    "day",
    "dayofyear",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("datetime_local_to_utc", Fresh, &[overload(&[one("from", Of(Datetime)), one("timezone", Of(String))], Type(Datetime))]),
    function("datetime_utc_to_local", Fresh, &[overload(&[one("from", Of(Datetime)), one("timezone", Of(String))], Type(Datetime))]),
    function("datetime_list_timezones", Fresh, &[overload(&[], Type(Dynamic))]),
    function("format_datetime", FirstArgument, &[overload(&[one("date", Of(Datetime)), one("format", Of(String)).constant()], Type(String))]),
    function("format_timespan", FirstArgument, &[overload(&[one("timespan", Of(Timespan)), one("format", Of(String)).constant()], Type(String))]),
    function("make_datetime", OnlyArgument, &[overload(&[one("year", Number), one("month", Number), one("day", Number), maybe("hour", Number), maybe("minute", Number), maybe("second", Number)], Type(Datetime)), overload(&[one("value", Scalar)], Type(Datetime))]),
    function("make_timespan", OnlyArgument, &[overload(&[one("days", Integer), one("hours", Integer), one("minutes", Integer), one("seconds", Number)], Type(Timespan)), overload(&[one("hours", Integer), one("minutes", Integer), maybe("seconds", Number)], Type(Timespan)), overload(&[one("value", Scalar)], Type(Timespan))]),
    function("datetime_add", Fresh, &[overload(&[one("part", Of(String)).one_of(PERIODS), one("value", Integer), one("datetime", Of(Datetime))], Type(Datetime))]),
    function("datetime_diff", Fresh, &[overload(&[one("part", Of(String)).one_of(PERIODS), one("datetime1", Of(Datetime)), one("datetime2", Of(Datetime))], Type(Long))]),
    function("dayofweek", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Timespan))]),
    function("dayofmonth", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Int))]),
    function("dayofyear", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Int))]),
    function("hourofday", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Long))]),
    function("weekofyear", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Int))]),
    function("week_of_year", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Int))]),
    function("monthofyear", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Long))]),
    function("startofday", FirstArgument, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("startofweek", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("startofmonth", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("startofyear", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("endofday", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("endofweek", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("endofmonth", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("endofyear", Fresh, &[overload(&[one("date", Of(Datetime)), maybe("offset", Of(Long))], Type(Datetime))]),
    function("getyear", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Long))]),
    alias("getmonth", "monthofyear", Fresh, &[overload(&[one("date", Of(Datetime))], Type(Long))]),
    alias("datepart", "datetime_part", Fresh, &[overload(&[one("part", Of(String)).one_of(PARTS), one("date", Of(Datetime))], Type(Long))]),
    function("datetime_part", Fresh, &[overload(&[one("part", Of(String)).one_of(PARTS), one("date", Of(Datetime))], Type(Long))]),
    function("now", Fresh, &[overload(&[maybe("offset", Of(Timespan))], Type(Datetime))]),
    function("ago", Fresh, &[overload(&[one("timespan", Of(Timespan))], Type(Datetime))]),
    function("unixtime_seconds_todatetime", Fresh, &[overload(&[one("number", Number)], Type(Datetime))]),
    function("unixtime_milliseconds_todatetime", Fresh, &[overload(&[one("number", Number)], Type(Datetime))]),
    function("unixtime_microseconds_todatetime", Fresh, &[overload(&[one("number", Number)], Type(Datetime))]),
    function("unixtime_nanoseconds_todatetime", Fresh, &[overload(&[one("number", Number)], Type(Datetime))]),
];
