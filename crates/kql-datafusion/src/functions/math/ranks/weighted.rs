//! The nearest rank among values that count several times.
//!
//! A value travels with its weight as one text, so that one list holds both.

use std::{cmp::Ordering, fmt::Write};

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::{KqlType, Value, dynamic};

use super::super::{
    Args, Kernel, Returns,
    columns::{longs, reals, written},
};

/// A long, datetime or timespan and its weight, as a text.
pub(crate) static WEIGHTED_LONG: Kernel = Kernel {
    name: "kql_weighted_long",
    returns: Returns::Text,
    eval: |args| {
        let values = args.long(0)?;
        weighted(args, |row, out| Some(write!(out, "{}", values.get(row)?)))
    },
};

/// A real and its weight, as a text.
pub(crate) static WEIGHTED_REAL: Kernel = Kernel {
    name: "kql_weighted_real",
    returns: Returns::Text,
    eval: |args| {
        let values = args.real(0)?;
        weighted(args, |row, out| Some(write!(out, "{}", values.get(row)?)))
    },
};

/// Null if value or weight is null.
fn weighted(
    args: &Args<'_>,
    write_value: impl Fn(usize, &mut String) -> Option<std::fmt::Result>,
) -> Result<ArrayRef> {
    let weights = args.long(1)?;
    written(args.rows(), |row, out| {
        let Some(weight) = weights.get(row) else { return Ok(None) };
        let Some(result) = write_value(row, out) else { return Ok(None) };
        result
            .and_then(|()| write!(out, " {weight}"))
            .map_err(|it| exec_datafusion_err!("{it}"))?;
        Ok(Some(()))
    })
}

/// Argument 0 is a list of [`WEIGHTED_LONG`], argument 1 a percentage.
pub(crate) static WEIGHTED_PERCENTILE_LONG: Kernel = Kernel {
    name: "kql_weighted_percentile_long",
    returns: Returns::Long,
    eval: |args| {
        let percentages = args.real(1)?;
        let ranked = lists::<i64>(args, i64::cmp)?;
        Ok(longs(args.rows(), |row| ranked.get(row)?.percentile(percentages.get(row)?)))
    },
};

/// Argument 0 is a list of [`WEIGHTED_REAL`], argument 1 a percentage.
pub(crate) static WEIGHTED_PERCENTILE_REAL: Kernel = Kernel {
    name: "kql_weighted_percentile_real",
    returns: Returns::Real,
    eval: |args| {
        let percentages = args.real(1)?;
        let ranked = lists::<f64>(args, f64::total_cmp)?;
        Ok(reals(args.rows(), |row| ranked.get(row)?.percentile(percentages.get(row)?)))
    },
};

/// Argument 0 is a list of [`WEIGHTED_LONG`], argument 1 an array of percentages.
pub(crate) static WEIGHTED_ARRAY_LONG: Kernel = Kernel {
    name: "kql_weighted_array_long",
    returns: Returns::Text,
    eval: |args| array(args, i64::cmp, |value| Value::Long(Some(value))),
};

/// The same of datetimes.
pub(crate) static WEIGHTED_ARRAY_DATETIME: Kernel = Kernel {
    name: "kql_weighted_array_datetime",
    returns: Returns::Text,
    eval: |args| array(args, i64::cmp, |value| Value::Datetime(Some(value))),
};

/// The same of timespans.
pub(crate) static WEIGHTED_ARRAY_TIMESPAN: Kernel = Kernel {
    name: "kql_weighted_array_timespan",
    returns: Returns::Text,
    eval: |args| array(args, i64::cmp, |value| Value::Timespan(Some(value))),
};

/// Argument 0 is a list of [`WEIGHTED_REAL`], argument 1 an array of percentages.
pub(crate) static WEIGHTED_ARRAY_REAL: Kernel = Kernel {
    name: "kql_weighted_array_real",
    returns: Returns::Text,
    eval: |args| array(args, f64::total_cmp, |value| Value::Real(Some(value))),
};

/// Returns the kernel that makes an array of percentiles of values of a type.
pub(crate) const fn weighted_array(ty: KqlType) -> Option<&'static Kernel> {
    match ty {
        KqlType::Int | KqlType::Long => Some(&WEIGHTED_ARRAY_LONG),
        KqlType::Datetime => Some(&WEIGHTED_ARRAY_DATETIME),
        KqlType::Timespan => Some(&WEIGHTED_ARRAY_TIMESPAN),
        KqlType::Real => Some(&WEIGHTED_ARRAY_REAL),
        _ => None,
    }
}

fn array<T: Copy + std::str::FromStr>(
    args: &Args<'_>,
    order: fn(&T, &T) -> Ordering,
    to_value: fn(T) -> Value,
) -> Result<ArrayRef> {
    let percentages = args.text(1)?;
    let ranked = lists(args, order)?;
    written(args.rows(), |row, out| {
        let list = ranked.get(row).filter(|list| list.total > 0);
        let Some((list, percentages)) = list.zip(percentages.get(row)) else { return Ok(None) };
        out.push('[');
        for (number, percentage) in dynamic::elements(percentages).enumerate() {
            if number > 0 {
                out.push(',');
            }
            let percentage: Option<f64> = percentage.trim_ascii().parse().ok();
            match percentage.and_then(|it| list.percentile(it)) {
                Some(value) => dynamic::encode(&to_value(value), out),
                None => out.push_str("null"),
            }
        }
        out.push(']');
        Ok(Some(()))
    })
}

/// Sorted values, each with how many there are up to and including it.
struct Ranked<T> {
    values: Vec<(T, u64)>,
    total: u64,
}

impl<T: Copy> Ranked<T> {
    /// Returns the first value that a percentage of all does not exceed.
    ///
    /// Source: measured, that nothing is interpolated.
    #[expect(clippy::cast_precision_loss, reason = "weights are counts, far below 2^53")]
    fn percentile(&self, percentage: f64) -> Option<T> {
        let wanted = percentage / 100.0 * self.total as f64;
        let found = self.values.iter().find(|(_, count)| *count as f64 >= wanted);
        found.or(self.values.last()).map(|(value, _)| *value)
    }
}

/// Reads the lists of argument 0. A weight below 1 counts for nothing.
fn lists<T: Copy + std::str::FromStr>(
    args: &Args<'_>,
    order: fn(&T, &T) -> Ordering,
) -> Result<Vec<Ranked<T>>> {
    let lists = args.list(0)?;
    let ranked = (0..args.rows()).map(|row| {
        let mut values: Vec<(T, u64)> = Vec::new();
        if let Some(items) = lists.get(row) {
            let items = items
                .as_any()
                .downcast_ref::<StringViewArray>()
                .ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))?;
            for (value, weight) in items.iter().flatten().filter_map(|it| it.split_once(' ')) {
                if let (Ok(value), Ok(weight)) = (value.parse(), weight.parse::<u64>())
                    && weight > 0
                {
                    values.push((value, weight));
                }
            }
        }
        values.sort_unstable_by(|(a, _), (b, _)| order(a, b));
        let mut total = 0_u64;
        for (_, weight) in &mut values {
            total = total.saturating_add(*weight);
            *weight = total;
        }
        Ok(Ranked { values, total })
    });
    ranked.collect()
}
