//! Sketches of many values as one: `hll…` of how many are different, `tdigest…` of how they are distributed.
//!
//! Differs: Kusto's sketches are estimates, and what they look like is not documented. These hold what
//! they are asked for exactly, as an array whose first element names its kind. Another engine's are an
//! error, not an answer.

mod hll;
mod tdigest;

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err, exec_err};
use kql_types::dynamic;

pub(crate) use self::{
    hll::{DCOUNT_COMMON, HLL_HASH_TEXT, HLL_HASH_TICKS, HLL_MERGED, HLL_OF_HASHES},
    tdigest::{TDIGEST_MERGED, tdigest_of},
};
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    hll::DCOUNT_HLL,
    hll::HLL_MERGE,
    tdigest::PERCENTILES_ARRAY_TDIGEST,
    tdigest::PERCENTILE_TDIGEST,
    tdigest::TDIGEST_MERGE,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &HLL_HASH_TEXT,
    &HLL_HASH_TICKS,
    &HLL_MERGED,
    &HLL_OF_HASHES,
    &TDIGEST_MERGED,
    &hll::COUNT_COMMON,
    &hll::UNITE,
    &tdigest::OF_DATETIMES,
    &tdigest::OF_LONGS,
    &tdigest::OF_REALS,
    &tdigest::OF_TIMESPANS,
    &tdigest::PERCENTILE,
    &tdigest::PERCENTILES,
    &tdigest::UNITE,
];

/// Returns what follows the name of a sketch's kind.
///
/// # Errors
///
/// If it is no sketch of that kind, or another engine's.
fn parts<'a>(json: &'a str, kind: &str) -> Result<dynamic::Elements<'a>> {
    let mut parts = dynamic::elements(json);
    if parts.next().is_none_or(|it| dynamic::unquote(it) != kind) {
        return exec_err!("a value that is no `{kind}` of this engine, whose format is its own");
    }
    Ok(parts)
}

/// Returns the texts of a list that were gathered.
fn gathered(items: &ArrayRef) -> Result<&StringViewArray> {
    let texts = items.as_any().downcast_ref::<StringViewArray>();
    texts.ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))
}
