//! `row_cumsum(term, restart)`: the sum of all rows so far.
//!
//! A null adds nothing (inferred).
//!
//! Source: <https://learn.microsoft.com/kusto/query/row-cumsum-function>

use datafusion_common::{Result, ScalarValue, exec_datafusion_err};

use super::{RowFunction, RowState, is_true};

pub(super) const ROW_CUMSUM: RowFunction = RowFunction {
    canonical: "row_cumsum",
    name: "kql_row_cumsum",
    returns: |types| types.first().cloned(),
    start: || Box::new(Sum { so_far: None }),
};

struct Sum {
    so_far: Option<ScalarValue>,
}

impl RowState for Sum {
    fn next(&mut self, args: &[ScalarValue]) -> Result<ScalarValue> {
        let term = args.first().ok_or_else(|| exec_datafusion_err!("a sum of nothing"))?;
        let so_far = self.so_far.take().filter(|_| !is_true(args.get(1)));
        let sum = added(so_far.as_ref(), term)?;
        self.so_far = Some(sum.clone());
        Ok(sum)
    }
}

fn added(so_far: Option<&ScalarValue>, term: &ScalarValue) -> Result<ScalarValue> {
    Ok(match (so_far, term) {
        (so_far, ScalarValue::Int32(term)) => {
            let so_far = match so_far {
                Some(ScalarValue::Int32(Some(sum))) => *sum,
                _ => 0,
            };
            ScalarValue::Int32(Some(so_far.wrapping_add(term.unwrap_or(0))))
        }
        (so_far, ScalarValue::Int64(term)) => {
            let so_far = match so_far {
                Some(ScalarValue::Int64(Some(sum))) => *sum,
                _ => 0,
            };
            ScalarValue::Int64(Some(so_far.wrapping_add(term.unwrap_or(0))))
        }
        (so_far, ScalarValue::Float64(term)) => {
            let so_far = match so_far {
                Some(ScalarValue::Float64(Some(sum))) => *sum,
                _ => 0.0,
            };
            ScalarValue::Float64(Some(so_far + term.unwrap_or(0.0)))
        }
        (_, other) => return Err(exec_datafusion_err!("a sum of {}", other.data_type())),
    })
}
