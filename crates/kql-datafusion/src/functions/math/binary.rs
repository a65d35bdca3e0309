//! `binary_and`, `binary_or`, `binary_xor`, `binary_not`, `binary_shift_left`, `binary_shift_right`, `bitset_count_ones`

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const BINARY_AND: ScalarFunction = ScalarFunction {
    name: "binary_and",
    summary: "Returns the bits that two integers have in common.",
    source: "https://learn.microsoft.com/kusto/query/binary-and-function",
    examples: &[Example::new("binary_and(6, 3)", "2")],
    lower: |call| lower(call, &AND),
};

pub(super) const BINARY_OR: ScalarFunction = ScalarFunction {
    name: "binary_or",
    summary: "Returns the bits that either of two integers has.",
    source: "https://learn.microsoft.com/kusto/query/binary-or-function",
    examples: &[Example::new("binary_or(5, 3)", "7")],
    lower: |call| lower(call, &OR),
};

pub(super) const BINARY_XOR: ScalarFunction = ScalarFunction {
    name: "binary_xor",
    summary: "Returns the bits that one of two integers has.",
    source: "https://learn.microsoft.com/kusto/query/binary-xor-function",
    examples: &[Example::new("binary_xor(5, 3)", "6")],
    lower: |call| lower(call, &XOR),
};

pub(super) const BINARY_SHIFT_LEFT: ScalarFunction = ScalarFunction {
    name: "binary_shift_left",
    summary: "Returns an integer with its bits moved up, by a number of places modulo 64; null if that is negative.",
    source: "https://learn.microsoft.com/kusto/query/binary-shift-left-function",
    examples: &[Example::new("binary_shift_left(1, 2)", "4")],
    lower: |call| lower(call, &LEFT),
};

pub(super) const BINARY_SHIFT_RIGHT: ScalarFunction = ScalarFunction {
    name: "binary_shift_right",
    summary: "Returns an integer with its bits moved down, by a number of places modulo 64; null if that is negative.",
    source: "https://learn.microsoft.com/kusto/query/binary-shift-right-function",
    examples: &[Example::new("binary_shift_right(8, 2)", "2")],
    lower: |call| lower(call, &RIGHT),
};

pub(super) const BINARY_NOT: ScalarFunction = ScalarFunction {
    name: "binary_not",
    summary: "Returns an integer with its bits inverted.",
    source: "https://learn.microsoft.com/kusto/query/binary-not-function",
    examples: &[Example::new("binary_not(100)", "-101")],
    lower: |call| Some(NOT.call(vec![call.long(0)?])),
};

pub(super) const BITSET_COUNT_ONES: ScalarFunction = ScalarFunction {
    name: "bitset_count_ones",
    summary: "Returns how many bits of an integer are set.",
    source: "https://learn.microsoft.com/kusto/query/bitset-count-ones-function",
    examples: &[Example::new("bitset_count_ones(42)", "3")],
    lower: |call| Some(ONES.call(vec![call.long(0)?])),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    Some(kernel.call(vec![call.long(0)?, call.long(1)?]))
}

pub(super) static AND: Kernel = Kernel {
    name: "kql_binary_and",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| a & b),
};

pub(super) static OR: Kernel = Kernel {
    name: "kql_binary_or",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| a | b),
};

pub(super) static XOR: Kernel = Kernel {
    name: "kql_binary_xor",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| a ^ b),
};

pub(super) static LEFT: Kernel = Kernel {
    name: "kql_binary_shift_left",
    returns: Returns::Long,
    eval: |args| shifted(args, i64::wrapping_shl),
};

pub(super) static RIGHT: Kernel = Kernel {
    name: "kql_binary_shift_right",
    returns: Returns::Long,
    eval: |args| shifted(args, i64::wrapping_shr),
};

pub(super) static NOT: Kernel = Kernel {
    name: "kql_binary_not",
    returns: Returns::Long,
    eval: |args| {
        let values = args.long(0)?;
        Ok(longs(args.rows(), |row| values.get(row).map(|value| !value)))
    },
};

pub(super) static ONES: Kernel = Kernel {
    name: "kql_bitset_count_ones",
    returns: Returns::Long,
    eval: |args| {
        let values = args.long(0)?;
        Ok(longs(args.rows(), |row| values.get(row).map(|value| value.count_ones().into())))
    },
};

fn of_longs(args: &Args<'_>, compute: fn(i64, i64) -> i64) -> Result<ArrayRef> {
    let (left, right) = (args.long(0)?, args.long(1)?);
    Ok(longs(args.rows(), |row| Some(compute(left.get(row)?, right.get(row)?))))
}

/// Shifts by places modulo 64.
fn shifted(args: &Args<'_>, shift: fn(i64, u32) -> i64) -> Result<ArrayRef> {
    let (values, counts) = (args.long(0)?, args.long(1)?);
    Ok(longs(args.rows(), |row| {
        // A negative number of places has no answer.
        let places = u64::try_from(counts.get(row)?).ok()?.checked_rem(64)?;
        Some(shift(values.get(row)?, u32::try_from(places).ok()?))
    }))
}
