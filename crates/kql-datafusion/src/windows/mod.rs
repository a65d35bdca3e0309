//! Window functions that DataFusion does not have: a list of what they are, one idea a file.
//!
//! Each goes through the rows of its partition once, in order, and keeps no more than its state.

mod row_cumsum;
mod row_number;
mod row_rank;
mod row_window_session;
pub(crate) mod step_scan;

use std::{fmt, hash::Hash, hash::Hasher, ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion_common::{Result, ScalarValue, internal_datafusion_err};
use datafusion_expr::{
    PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl,
    function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
};

/// A function of the rows so far.
pub(crate) struct RowFunction {
    /// The canonical name in KQL.
    canonical: &'static str,
    /// The name in plans: unique, and fixed once published.
    name: &'static str,
    /// The type of the result, given those of the arguments.
    returns: fn(&[DataType]) -> Option<DataType>,
    /// Starts a partition.
    start: fn() -> Box<dyn RowState>,
}

/// What a function remembers of the rows before.
trait RowState: Send {
    /// Returns the value of the next row, whose arguments these are.
    fn next(&mut self, args: &[ScalarValue]) -> Result<ScalarValue>;
}

const FUNCTIONS: &[RowFunction] = &[
    row_cumsum::ROW_CUMSUM,
    row_number::ROW_NUMBER,
    row_rank::ROW_RANK_DENSE,
    row_rank::ROW_RANK_MIN,
    row_window_session::ROW_WINDOW_SESSION,
];

/// Yields every window function that plans may name and that is not DataFusion's own.
pub fn window_functions() -> impl Iterator<Item = Arc<WindowUDF>> {
    FUNCTIONS.iter().map(udwf)
}

/// Returns the window function of that canonical name.
pub(crate) fn find(name: &str) -> Option<Arc<WindowUDF>> {
    FUNCTIONS.iter().find(|function| function.canonical == name).map(udwf)
}

fn udwf(function: &'static RowFunction) -> Arc<WindowUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(WindowUDF::new_from_impl(KqlWindow { function, signature }))
}

struct KqlWindow {
    function: &'static RowFunction,
    signature: Signature,
}

impl fmt::Debug for KqlWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name)
    }
}

impl PartialEq for KqlWindow {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for KqlWindow {}

impl Hash for KqlWindow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl WindowUDFImpl for KqlWindow {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Types are the binder's: they are taken as they are.
    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            args.input_fields().iter().map(|field| field.data_type().clone()).collect();
        let ty = (self.function.returns)(&types)
            .ok_or_else(|| internal_datafusion_err!("{} of {types:?}", self.function.canonical))?;
        Ok(Arc::new(Field::new(args.name(), ty, true)))
    }

    fn partition_evaluator(
        &self,
        _args: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Rows { state: (self.function.start)() }))
    }
}

/// The rows of one partition.
struct Rows {
    state: Box<dyn RowState>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }
}

impl PartitionEvaluator for Rows {
    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let row = |array: &ArrayRef| {
            let at = range.start.min(array.len().saturating_sub(1));
            ScalarValue::try_from_array(array, at)
        };
        let args = values.iter().map(row).collect::<Result<Vec<_>>>()?;
        self.state.next(&args)
    }

    fn is_causal(&self) -> bool {
        true
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }
}

/// Returns a long, datetime or timespan.
fn long(value: Option<&ScalarValue>) -> Option<i64> {
    match value {
        Some(ScalarValue::Int64(value)) => *value,
        Some(ScalarValue::Int32(value)) => value.map(i64::from),
        _ => None,
    }
}

/// Tells whether a bool is true; one that is not there is not.
fn is_true(value: Option<&ScalarValue>) -> bool {
    matches!(value, Some(ScalarValue::Boolean(Some(true))))
}
