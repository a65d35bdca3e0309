//! `strcmp`

use super::{Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const STRCMP: ScalarFunction = ScalarFunction {
    name: "strcmp",
    summary: "Returns -1, 0 or 1 for a text that comes before, equals or follows another.",
    source: "https://learn.microsoft.com/kusto/query/strcmp-function",
    examples: &[
        Example::new("strcmp('ABC', 'abc')", "-1"),
        Example::new("strcmp('abc', 'abc')", "0"),
        Example::new("strcmp('abcde', 'abc')", "1"),
    ],
    lower: |call| Some(call.apply(&COMPARE)),
};

/// By code points.
pub(super) static COMPARE: Kernel = Kernel {
    name: "kql_strcmp",
    returns: Returns::Long,
    eval: |args| {
        let (left, right) = (args.text(0)?, args.text(1)?);
        Ok(longs(args.rows(), |row| Some(left.str(row).cmp(right.str(row)) as i64)))
    },
};
