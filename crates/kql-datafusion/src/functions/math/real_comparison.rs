//! Comparison of reals as IEEE 754 has it: NaN is unequal to itself and never less, and zeros are
//! equal whatever their sign. Arrow's own comparison is a total order.

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{Args, Kernel, Returns, columns::nullable_bools};

/// `real == real`, null if one is null.
#[expect(clippy::float_cmp, reason = "this is what == means")]
pub(crate) static REAL_EQUAL: Kernel = Kernel {
    name: "kql_real_equal",
    returns: Returns::Bool,
    eval: |args| compare(args, |a, b| a == b),
};

/// `real < real`
pub(crate) static REAL_LESS: Kernel = Kernel {
    name: "kql_real_less",
    returns: Returns::Bool,
    eval: |args| compare(args, |a, b| a < b),
};

/// `real <= real`
pub(crate) static REAL_LESS_OR_EQUAL: Kernel = Kernel {
    name: "kql_real_less_or_equal",
    returns: Returns::Bool,
    eval: |args| compare(args, |a, b| a <= b),
};

fn compare(args: &Args<'_>, compare: fn(f64, f64) -> bool) -> Result<ArrayRef> {
    let (left, right) = (args.real(0)?, args.real(1)?);
    Ok(nullable_bools(args.rows(), |row| Some(compare(left.get(row)?, right.get(row)?))))
}
