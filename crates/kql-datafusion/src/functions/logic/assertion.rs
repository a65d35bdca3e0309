//! `assert`

use datafusion_common::exec_datafusion_err;

use super::{Example, Kernel, Returns, ScalarFunction, columns::bools};

pub(super) const ASSERT: ScalarFunction = ScalarFunction {
    name: "assert",
    summary: "Returns true, or ends the query with a message where a condition is not true.",
    source: "https://learn.microsoft.com/kusto/query/assert-function",
    examples: &[Example::new("assert(1 < 2, 'one is less')", "True")],
    lower: |call| Some(call.apply(&CHECK)),
};

pub(super) static CHECK: Kernel = Kernel {
    name: "kql_assert",
    returns: Returns::Bool,
    eval: |args| {
        let (conditions, messages) = (args.bool(0)?, args.text(1)?);
        let failed = (0..args.rows()).find(|row| conditions.get(*row) != Some(true));
        match failed {
            Some(row) => Err(exec_datafusion_err!("assertion failed: {}", messages.str(row))),
            None => Ok(bools(args.rows(), |_| true)),
        }
    },
};
