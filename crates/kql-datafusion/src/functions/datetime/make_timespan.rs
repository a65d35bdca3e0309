//! `make_timespan`

use datafusion_expr::{Expr, lit};
use kql_types::timespan::{DAY, HOUR, MINUTE};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::longs, make_datetime::seconds_as_ticks,
};

pub(super) const MAKE_TIMESPAN: ScalarFunction = ScalarFunction {
    name: "make_timespan",
    summary: "Returns the timespan of days, hours, minutes and seconds.",
    source: "https://learn.microsoft.com/kusto/query/make-timespan-function",
    examples: &[
        Example::new("make_timespan(1, 12, 30, 55.123)", "1.12:30:55.1230000"),
        Example::new("make_timespan(12, 30)", "12:30:00"),
    ],
    lower,
};

/// Two numbers are hours and minutes, three have seconds behind, four have days before.
fn lower(call: &Call) -> Option<Expr> {
    let (zero, no_seconds) = (lit(0_i64), lit(0.0_f64));
    let fields = match call.args.len() {
        2 => vec![zero, call.long(0)?, call.long(1)?, no_seconds],
        3 => vec![zero, call.long(0)?, call.long(1)?, call.real(2)?],
        4 => vec![call.long(0)?, call.long(1)?, call.long(2)?, call.real(3)?],
        _ => return None,
    };
    Some(MAKE.call(fields))
}

/// Days, hours and minutes as longs, seconds as a real; null where hours reach 24, or minutes or
/// seconds 60 (inferred).
pub(super) static MAKE: Kernel = Kernel {
    name: "kql_make_timespan",
    returns: Returns::Long,
    eval: |args| {
        let (days, hours, minutes) = (args.long(0)?, args.long(1)?, args.long(2)?);
        let seconds = args.real(3)?;
        Ok(longs(args.rows(), |row| {
            let (days, hours, minutes) = (days.get(row)?, hours.get(row)?, minutes.get(row)?);
            if days < 0 || !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
                return None;
            }
            days.checked_mul(DAY)?
                .checked_add(hours.checked_mul(HOUR)?)?
                .checked_add(minutes.checked_mul(MINUTE)?)?
                .checked_add(seconds_as_ticks(seconds.get(row)?)?)
        }))
    },
};
