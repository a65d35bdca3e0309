//! `row_rank_dense` and `row_rank_min`: ranks of values in rows that are sorted by them.
//!
//! Sources: <https://learn.microsoft.com/kusto/query/row-rank-dense-function>,
//! <https://learn.microsoft.com/kusto/query/row-rank-min-function>

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};

use super::{RowFunction, RowState, is_true};

pub(super) const ROW_RANK_DENSE: RowFunction = RowFunction {
    canonical: "row_rank_dense",
    name: "kql_row_rank_dense",
    returns: |_| Some(DataType::Int64),
    start: || Box::new(Rank { is_dense: true, ..Rank::default() }),
};

pub(super) const ROW_RANK_MIN: RowFunction = RowFunction {
    canonical: "row_rank_min",
    name: "kql_row_rank_min",
    returns: |_| Some(DataType::Int64),
    start: || Box::<Rank>::default(),
};

#[derive(Default)]
struct Rank {
    is_dense: bool,
    /// The last value, its rank, and how many rows there have been.
    last: Option<(ScalarValue, i64, i64)>,
}

impl RowState for Rank {
    fn next(&mut self, args: &[ScalarValue]) -> Result<ScalarValue> {
        let value = args.first().cloned().unwrap_or(ScalarValue::Null);
        let last = self.last.take().filter(|_| !is_true(args.get(1)));
        let (rank, rows) = match last {
            None => (1, 1),
            Some((before, rank, rows)) => {
                let rows = rows.saturating_add(1);
                let rank = match (before == value, self.is_dense) {
                    (true, _) => rank,
                    (false, true) => rank.saturating_add(1),
                    (false, false) => rows,
                };
                (rank, rows)
            }
        };
        self.last = Some((value, rank, rows));
        Ok(ScalarValue::Int64(Some(rank)))
    }
}
