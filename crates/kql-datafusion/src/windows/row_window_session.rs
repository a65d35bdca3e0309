//! `row_window_session`: the start of the session that a time belongs to.
//!
//! Source: <https://learn.microsoft.com/kusto/query/row-window-session-function>

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};

use super::{RowFunction, RowState, is_true, long};

pub(super) const ROW_WINDOW_SESSION: RowFunction = RowFunction {
    canonical: "row_window_session",
    name: "kql_row_window_session",
    returns: |_| Some(DataType::Int64),
    start: || Box::new(Session { times: None }),
};

struct Session {
    /// The first time of the session and the last one seen.
    times: Option<(i64, i64)>,
}

impl RowState for Session {
    /// A session ends where a time is further from its first, or from the last, than it may be. A row
    /// without a time belongs to none and ends it (inferred).
    fn next(&mut self, args: &[ScalarValue]) -> Result<ScalarValue> {
        let Some(time) = long(args.first()) else {
            self.times = None;
            return Ok(ScalarValue::Int64(None));
        };
        let from_first = long(args.get(1)).unwrap_or(i64::MAX);
        let between = long(args.get(2)).unwrap_or(i64::MAX);
        let within = |(first, last): &(i64, i64)| {
            !is_true(args.get(3))
                && time.saturating_sub(*first) <= from_first
                && time.saturating_sub(*last) <= between
        };
        let first = self.times.filter(within).map_or(time, |(first, _)| first);
        self.times = Some((first, time));
        Ok(ScalarValue::Int64(Some(first)))
    }
}
