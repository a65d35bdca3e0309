//! `range`, as a function

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType, Value, dynamic,
    timespan::{DAY, HOUR},
};

use super::super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(in crate::functions::dynamic) const RANGE: ScalarFunction = ScalarFunction {
    name: "range",
    summary: "Returns an array of values from a first up to and including a last.",
    source: "https://learn.microsoft.com/kusto/query/range-function",
    examples: &[
        Example::new("range(1, 8, 3)", "[1,4,7]"),
        Example::new("range(1.0, 2, 0.5)", "[1.0,1.5,2.0]"),
        Example::new("range(1h, 3h)", r#"["01:00:00","02:00:00","03:00:00"]"#),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    use KqlType::{Datetime, Int, Long, Real, Timespan};
    let is_integer = |at| matches!(call.arg_type(at), None | Some(Int | Long));
    let is_span = |at| matches!(call.arg_type(at), None | Some(Timespan));
    let step = |default: i64| call.arg(2).unwrap_or_else(|| lit(default));
    match (call.arg_type(0)?, call.arg_type(1)?) {
        (Int | Long, Int | Long) if is_integer(2) => {
            let step = if call.args.len() > 2 { call.long(2)? } else { lit(1_i64) };
            Some(LONGS.call(vec![call.long(0)?, call.long(1)?, step]))
        }
        (Int | Long | Real, Int | Long | Real)
            if matches!(call.arg_type(2), None | Some(Int | Long | Real)) =>
        {
            let step = if call.args.len() > 2 { call.real(2)? } else { lit(1.0) };
            Some(REALS.call(vec![call.real(0)?, call.real(1)?, step]))
        }
        (Datetime, Datetime) if is_span(2) => {
            Some(DATETIMES.call(vec![call.arg(0)?, call.arg(1)?, step(DAY)]))
        }
        (Timespan, Timespan) if is_span(2) => {
            Some(TIMESPANS.call(vec![call.arg(0)?, call.arg(1)?, step(HOUR)]))
        }
        _ => None,
    }
}

/// Values that an array may have at most.
///
/// Source: measured.
const MAX_ELEMENTS: usize = 1_048_576;

pub(in crate::functions::dynamic) static LONGS: Kernel = Kernel {
    name: "kql_range_long",
    returns: Returns::Text,
    eval: |args| range(args, |value, out| dynamic::encode(&Value::Long(Some(value)), out)),
};

pub(in crate::functions::dynamic) static DATETIMES: Kernel = Kernel {
    name: "kql_range_datetime",
    returns: Returns::Text,
    eval: |args| range(args, |value, out| dynamic::encode(&Value::Datetime(Some(value)), out)),
};

pub(in crate::functions::dynamic) static TIMESPANS: Kernel = Kernel {
    name: "kql_range_timespan",
    returns: Returns::Text,
    eval: |args| range(args, |value, out| dynamic::encode(&Value::Timespan(Some(value)), out)),
};

/// Each value is the first and so many steps: errors do not add up.
pub(in crate::functions::dynamic) static REALS: Kernel = Kernel {
    name: "kql_range_real",
    returns: Returns::Text,
    eval: |args| {
        let (starts, ends, steps) = (args.real(0)?, args.real(1)?, args.real(2)?);
        written(args.rows(), |row, out| {
            let bounds = (starts.get(row), ends.get(row), steps.get(row));
            let (Some(start), Some(end), Some(step)) = bounds else { return Ok(None) };
            if step == 0.0 || step.is_nan() {
                return Ok(None);
            }
            let is_within = |value: &f64| if step > 0.0 { *value <= end } else { *value >= end };
            let values = (0_u32..).map(|number| start + f64::from(number) * step);
            out.push('[');
            for (number, value) in values.take_while(is_within).take(MAX_ELEMENTS).enumerate() {
                if number > 0 {
                    out.push(',');
                }
                dynamic::encode(&Value::Real(Some(value)), out);
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

/// Null if a bound is null or the step is zero; empty where the step leads away from the last.
fn range(args: &Args<'_>, write: fn(i64, &mut String)) -> Result<ArrayRef> {
    let (starts, ends, steps) = (args.long(0)?, args.long(1)?, args.long(2)?);
    written(args.rows(), |row, out| {
        let bounds = (starts.get(row), ends.get(row), steps.get(row));
        let (Some(start), Some(end), Some(step)) = bounds else { return Ok(None) };
        if step == 0 {
            return Ok(None);
        }
        let is_within = |value: &i64| if step > 0 { *value <= end } else { *value >= end };
        let values = std::iter::successors(Some(start), |value| value.checked_add(step));
        out.push('[');
        for (number, value) in values.take_while(is_within).take(MAX_ELEMENTS).enumerate() {
            if number > 0 {
                out.push(',');
            }
            write(value, out);
        }
        out.push(']');
        Ok(Some(()))
    })
}
