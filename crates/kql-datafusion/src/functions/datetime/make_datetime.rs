//! `make_datetime`

use datafusion_expr::{Expr, lit};
use kql_types::{KqlType, Ticks, datetime, datetime::Civil, timespan::SECOND};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const MAKE_DATETIME: ScalarFunction = ScalarFunction {
    name: "make_datetime",
    summary: "Returns the datetime of a year, month and day, and of a time of day if given.",
    source: "https://learn.microsoft.com/kusto/query/make-datetime-function",
    examples: &[
        Example::new("make_datetime(2017, 10, 1, 12, 10)", "2017-10-01T12:10:00.0000000Z"),
        Example::new("make_datetime(2017, 13, 1)", ""),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    if call.args.len() < 3 || !call.args.iter().all(|arg| arg.ty != KqlType::Decimal) {
        return None;
    }
    let mut fields =
        (0..call.args.len().min(5)).map(|at| call.long(at)).collect::<Option<Vec<_>>>()?;
    fields.resize_with(5, || lit(0_i64));
    fields.push(if call.args.len() > 5 { call.real(5)? } else { lit(0.0_f64) });
    Some(MAKE.call(fields))
}

/// Year, month, day, hour and minute as longs, the second as a real; null where there is no such
/// point.
pub(super) static MAKE: Kernel = Kernel {
    name: "kql_make_datetime",
    returns: Returns::Long,
    eval: |args| {
        let (years, months, days) = (args.long(0)?, args.long(1)?, args.long(2)?);
        let (hours, minutes, seconds) = (args.long(3)?, args.long(4)?, args.real(5)?);
        Ok(longs(args.rows(), |row| {
            let civil = Civil {
                hour: u8::try_from(hours.get(row)?).ok()?,
                minute: u8::try_from(minutes.get(row)?).ok()?,
                ..Civil::midnight(
                    u16::try_from(years.get(row)?).ok()?,
                    u8::try_from(months.get(row)?).ok()?,
                    u8::try_from(days.get(row)?).ok()?,
                )
            };
            datetime::add(civil.ticks()?, seconds_as_ticks(seconds.get(row)?)?)
        }))
    },
};

/// Returns the ticks of seconds below a minute, rounded to the nearest.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a minute of ticks is far below what a double counts"
)]
pub(super) fn seconds_as_ticks(seconds: f64) -> Option<Ticks> {
    (0.0..60.0).contains(&seconds).then(|| (seconds * SECOND as f64).round() as Ticks)
}
