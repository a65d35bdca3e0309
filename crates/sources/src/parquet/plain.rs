//! Columns of Parquet in the one encoding that each kind of value has here: texts as views, times in ticks.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Int64Array,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
        DurationNanosecondType, DurationSecondType, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    },
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use kql_types::{
    Ticks,
    datetime::{self, UNIX_EPOCH},
    timespan,
};

/// Returns a column without dictionaries, and texts in the one encoding that rows have.
pub(crate) fn plain(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Dictionary(_, values) => plain(&cast(array, values)?),
        DataType::Utf8 | DataType::LargeUtf8 => cast(array, &DataType::Utf8View),
        _ => Ok(Arc::clone(array)),
    }
}

/// Returns points in time (`is_point`) or lengths of time as ticks; `None` if the column has none.
pub(crate) fn ticks(array: &ArrayRef, is_point: bool) -> Option<Int64Array> {
    macro_rules! of {
        ($ty:ty, $scale:expr) => {{
            let values = array.as_primitive_opt::<$ty>()?;
            let scaled = |value| scaled(i64::from(value), $scale, is_point);
            Some(values.unary_opt::<_, Int64Type>(scaled))
        }};
    }
    match (array.data_type(), is_point) {
        (DataType::Timestamp(TimeUnit::Second, _), true) => of!(TimestampSecondType, 10_000_000),
        (DataType::Timestamp(TimeUnit::Millisecond, _), true) => {
            of!(TimestampMillisecondType, 10_000)
        }
        (DataType::Timestamp(TimeUnit::Microsecond, _), true) => of!(TimestampMicrosecondType, 10),
        (DataType::Timestamp(TimeUnit::Nanosecond, _), true) => of!(TimestampNanosecondType, -100),
        (DataType::Date32, true) => of!(Date32Type, timespan::DAY),
        (DataType::Date64, true) => of!(Date64Type, 10_000),
        (DataType::Duration(TimeUnit::Second), false) => of!(DurationSecondType, 10_000_000),
        (DataType::Duration(TimeUnit::Millisecond), false) => of!(DurationMillisecondType, 10_000),
        (DataType::Duration(TimeUnit::Microsecond), false) => of!(DurationMicrosecondType, 10),
        (DataType::Duration(TimeUnit::Nanosecond), false) => of!(DurationNanosecondType, -100),
        _ => None,
    }
}

/// Multiplies, or divides by a negative scale, and counts points in time from year 1.
pub(crate) fn scaled(value: i64, scale: i64, is_point: bool) -> Option<Ticks> {
    let ticks = if scale < 0 {
        value.checked_div_euclid(scale.checked_neg()?)?
    } else {
        value.checked_mul(scale)?
    };
    if !is_point {
        return Some(ticks);
    }
    ticks.checked_add(UNIX_EPOCH).and_then(datetime::in_range)
}
