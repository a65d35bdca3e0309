//! A branch's staged rows as a table of a plan: all, those within a window of time, or those of many
//! runs, once for each run that sees them.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::{
    array::{Array, BooleanArray, Int64Array, UInt32Array},
    compute::{filter_record_batch, take_record_batch},
    datatypes::{Schema, SchemaRef},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::internal_err,
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableType},
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use kql_types::Ticks;

use super::{
    runs::{Runs, run_field},
    store::StagedBatch,
};
use crate::{branch::Branch, evidence};

/// The rows of one branch.
///
/// Its schema is that of the raw table, since the optimised plan names columns by it, but only the
/// columns that the plan's projection asked for are there.
#[derive(Debug)]
pub(crate) struct StagedTable {
    /// The branch's number.
    leaf: usize,
    raw_schema: SchemaRef,
    rows: Arc<StagedRows>,
}

#[derive(Debug)]
struct StagedRows {
    schema: SchemaRef,
    batches: Arc<[StagedBatch]>,
    /// Whether rows stand once for each run that sees them, with the run behind them.
    is_spread: bool,
}

/// Rows that are handed on at a time, where they stand several times.
const SPREAD_ROWS: usize = 8_192;

/// The times of the records that a look sees: an extension of the session's configuration under
/// which a plan is started. Without it, it sees all.
///
/// The rows then have to carry evidence, and one without a time lies in no window.
#[derive(Debug)]
pub(crate) struct Window(pub(crate) RangeInclusive<Ticks>);

impl StagedTable {
    /// Makes the table of a branch from its number and its batches.
    pub(crate) fn new(leaf: usize, branch: &Branch, batches: Arc<[StagedBatch]>) -> Self {
        let schema = Arc::clone(&branch.schema);
        Self {
            leaf,
            raw_schema: Arc::clone(&branch.raw_schema),
            rows: Arc::new(StagedRows { schema, batches, is_spread: false }),
        }
    }

    /// Returns the branch's number.
    pub(crate) fn leaf(&self) -> usize {
        self.leaf
    }

    /// Returns the table of the same rows in which each stands once for each of the [`Runs`] that see
    /// it, which are an extension of the session's configuration. The last column has the run's time.
    pub(crate) fn spread(&self) -> Self {
        let schema = with_run(&self.rows.schema);
        let batches = Arc::clone(&self.rows.batches);
        Self {
            leaf: self.leaf,
            raw_schema: with_run(&self.raw_schema),
            rows: Arc::new(StagedRows { schema, batches, is_spread: true }),
        }
    }
}

fn with_run(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().cloned().chain([Arc::new(run_field())]);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for StagedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.raw_schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        _projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows: Arc<dyn PartitionStream> = Arc::clone(&self.rows) as _;
        let schema = Arc::clone(&self.rows.schema);
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![rows], None, [], false, limit)?))
    }
}

impl PartitionStream for StagedRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = Arc::clone(&self.batches);
        let config = context.session_config();
        let schema = Arc::clone(&self.schema);
        let rows: Box<dyn Iterator<Item = Result<RecordBatch>> + Send> = if self.is_spread {
            let runs = config.get_extension::<Runs>();
            let spread = move |batch: usize| {
                let (Some(batch), Some(runs)) = (batches.get(batch), &runs) else {
                    return internal_err!("a plan over the rows of runs was started without them");
                };
                read_spread(batch, runs, &schema)
            };
            Box::new((0..self.batches.len()).flat_map(move |batch| match spread(batch) {
                Ok(rows) => rows.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }))
        } else {
            let window = config.get_extension::<Window>();
            Box::new((0..batches.len()).filter_map(move |index| {
                let batch = batches.get(index)?;
                read(batch, window.as_ref().map(|window| &window.0)).transpose()
            }))
        };
        let rows = futures::stream::iter(rows);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}

/// Returns the batch's rows, each for every run that sees it, with the run's time.
fn read_spread(batch: &StagedBatch, runs: &Runs, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut spread = Vec::new();
    if !runs.all().is_some_and(|all| batch.may_have_rows(Some(&all))) {
        return Ok(spread);
    }
    let rows = batch.read().map_err(|error| DataFusionError::External(Box::new(error)))?;
    let Some(times) = evidence::times(&rows) else {
        return internal_err!("rows without evidence are in no run");
    };
    let (mut places, mut of_runs) = (Vec::new(), Vec::new());
    let mut hand_on = |places: &mut Vec<u32>, of_runs: &mut Vec<Ticks>| -> Result<()> {
        let taken = take_record_batch(&rows, &UInt32Array::from(std::mem::take(places)))?;
        let mut columns = taken.columns().to_vec();
        columns.push(Arc::new(Int64Array::from(std::mem::take(of_runs))));
        spread.push(RecordBatch::try_new(Arc::clone(schema), columns)?);
        Ok(())
    };
    for (place, row) in (0_u32..).zip(0..times.len()) {
        if times.is_null(row) {
            continue;
        }
        for run in runs.seeing(times.value(row)) {
            places.push(place);
            of_runs.push(run);
        }
        if places.len() >= SPREAD_ROWS {
            hand_on(&mut places, &mut of_runs)?;
        }
    }
    if !places.is_empty() {
        hand_on(&mut places, &mut of_runs)?;
    }
    Ok(spread)
}

/// Returns the batch's rows within the window; `None` without reading it if there are none.
fn read(
    batch: &StagedBatch,
    window: Option<&RangeInclusive<Ticks>>,
) -> Result<Option<RecordBatch>> {
    let read = || batch.read().map_err(|error| DataFusionError::External(Box::new(error)));
    let Some(window) = window else { return read().map(Some) };
    if !batch.may_have_rows(Some(window)) {
        return Ok(None);
    }
    let rows = read()?;
    let inside = |times: &Int64Array| -> BooleanArray {
        times.iter().map(|time| Some(time.is_some_and(|time| window.contains(&time)))).collect()
    };
    match evidence::times(&rows).map(inside) {
        Some(mask) => Ok(Some(filter_record_batch(&rows, &mask)?)),
        None => Ok(None),
    }
}
