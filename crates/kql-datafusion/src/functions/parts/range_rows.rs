//! The values of a range as a list: the work of the operator `range` where its bounds are computed.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, Int64Builder, ListBuilder};
use datafusion_common::{Result, exec_datafusion_err, exec_err};
use kql_types::datetime;

use super::{Args, Kernel, Returns};

/// A range of more values fails: they are all made at once.
pub(crate) const MAX_ROWS: usize = 1_000_000;

/// Of longs and timespans: the first, the last and the step.
pub(crate) static LONGS: Kernel = Kernel {
    name: "kql_range_rows_long",
    returns: Returns::LongList,
    eval: |args| of_longs(args, i64::checked_add),
};

/// Of datetimes.
pub(crate) static DATETIMES: Kernel = Kernel {
    name: "kql_range_rows_datetime",
    returns: Returns::LongList,
    eval: |args| of_longs(args, datetime::add),
};

/// Of reals. Each value is the first and so many steps, so that errors do not add up.
pub(crate) static REALS: Kernel = Kernel {
    name: "kql_range_rows_real",
    returns: Returns::RealList,
    eval: |args| {
        let (first, last, steps) = (args.real(0)?, args.real(1)?, args.real(2)?);
        let mut lists = ListBuilder::new(Float64Builder::new());
        for row in 0..args.rows() {
            let bounds = (first.get(row), last.get(row), steps.get(row));
            let (Some(first), Some(last), Some(step)) = bounds else { return exec_err!("{NULL}") };
            if !first.is_finite() || step == 0.0 || step.is_nan() {
                return exec_err!("a range needs a finite first value and a step");
            }
            let is_within = |value: &f64| if step > 0.0 { *value <= last } else { *value >= last };
            let values = (0_u32..).map(|number| first + f64::from(number) * step);
            for (number, value) in values.take_while(is_within).enumerate() {
                check_count(number)?;
                lists.values().append_value(value);
            }
            lists.append(true);
        }
        Ok(Arc::new(lists.finish()))
    },
};

const NULL: &str = "a range with a null bound does not run yet";

/// Returns the values from the first up to the last; none where the step leads away from it.
///
/// # Errors
///
/// The step is zero, or there are too many values.
pub(crate) fn values(
    [first, last, step]: [i64; 3],
    add: fn(i64, i64) -> Option<i64>,
) -> Result<Vec<i64>> {
    if step == 0 {
        return exec_err!("a range needs a step");
    }
    let is_within = |value: i64| if step > 0 { value <= last } else { value >= last };
    let mut values = Vec::new();
    let mut next = Some(first).filter(|value| is_within(*value));
    while let Some(value) = next {
        check_count(values.len())?;
        values.push(value);
        next = add(value, step).filter(|value| is_within(*value));
    }
    Ok(values)
}

fn of_longs(args: &Args<'_>, add: fn(i64, i64) -> Option<i64>) -> Result<ArrayRef> {
    let bounds = [args.long(0)?, args.long(1)?, args.long(2)?];
    let mut lists = ListBuilder::new(Int64Builder::new());
    for row in 0..args.rows() {
        let [Some(first), Some(last), Some(step)] = bounds.each_ref().map(|it| it.get(row)) else {
            return exec_err!("{NULL}");
        };
        values([first, last, step], add)?
            .into_iter()
            .for_each(|value| lists.values().append_value(value));
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

fn check_count(count: usize) -> Result<()> {
    let error = || exec_datafusion_err!("a range of more than {MAX_ROWS} values does not run yet");
    (count < MAX_ROWS).then_some(()).ok_or_else(error)
}
