//! What repeats in an array, and what stands out from it.

mod anomalies;
mod decompose;
mod period;
mod seasonal;

pub(super) use self::anomalies::{ANOMALIES, FLAGS, OUTLIERS, SCORES};
pub(super) use self::decompose::{DECOMPOSE, FORECAST, PARTS};
pub(super) use self::seasonal::{REPEATING, SERIES_SEASONAL};
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, fits::Line, numbers};
