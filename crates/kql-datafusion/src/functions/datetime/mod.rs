//! Points and spans of time.

mod add;
mod calendar;
mod diff;
mod end_of;
mod format;
mod format_datetime;
mod format_timespan;
mod make_datetime;
mod make_timespan;
mod part;
mod start_of;
mod time_zone;
mod unixtime;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    add::DATETIME_ADD,
    diff::DATETIME_DIFF,
    end_of::ENDOFDAY,
    end_of::ENDOFMONTH,
    end_of::ENDOFWEEK,
    end_of::ENDOFYEAR,
    format_datetime::FORMAT_DATETIME,
    format_timespan::FORMAT_TIMESPAN,
    make_datetime::MAKE_DATETIME,
    make_timespan::MAKE_TIMESPAN,
    part::DATETIME_PART,
    part::DAYOFMONTH,
    part::DAYOFWEEK,
    part::DAYOFYEAR,
    part::GETYEAR,
    part::HOUROFDAY,
    part::MONTHOFYEAR,
    part::WEEK_OF_YEAR,
    start_of::STARTOFDAY,
    start_of::STARTOFMONTH,
    start_of::STARTOFWEEK,
    start_of::STARTOFYEAR,
    time_zone::DATETIME_LIST_TIMEZONES,
    time_zone::DATETIME_LOCAL_TO_UTC,
    time_zone::DATETIME_UTC_TO_LOCAL,
    unixtime::UNIXTIME_MICROSECONDS,
    unixtime::UNIXTIME_MILLISECONDS,
    unixtime::UNIXTIME_NANOSECONDS,
    unixtime::UNIXTIME_SECONDS,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &add::ADD,
    &diff::DIFF,
    &end_of::END,
    &format_datetime::FORMAT,
    &format_timespan::FORMAT,
    &make_datetime::MAKE,
    &make_timespan::MAKE,
    &part::DAY_OF_WEEK,
    &part::PART,
    &start_of::START,
    &time_zone::TO_LOCAL,
    &time_zone::TO_UTC,
    &unixtime::FROM_NANOSECONDS,
    &unixtime::FROM_UNITS,
];
