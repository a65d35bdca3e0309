//! `row_number(start, restart)`: numbers that start again where a condition holds.
//!
//! Source: <https://learn.microsoft.com/kusto/query/row-number-function>

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};

use super::{RowFunction, RowState, is_true, long};

pub(super) const ROW_NUMBER: RowFunction = RowFunction {
    canonical: "row_number",
    name: "kql_row_number",
    returns: |_| Some(DataType::Int64),
    start: || Box::new(Number { last: None }),
};

struct Number {
    last: Option<i64>,
}

impl RowState for Number {
    fn next(&mut self, args: &[ScalarValue]) -> Result<ScalarValue> {
        let first = long(args.first()).unwrap_or(1);
        let number = match self.last {
            Some(last) if !is_true(args.get(1)) => last.saturating_add(1),
            _ => first,
        };
        self.last = Some(number);
        Ok(ScalarValue::Int64(self.last))
    }
}
