//! A branch's stored rows as a table of a plan: all, those within a window of time, or those of many
//! runs, once for each run that sees them.

use std::{num::NonZeroUsize, ops::RangeInclusive, sync::Arc};

use arrow::{
    array::Int64Array,
    datatypes::{Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::internal_err,
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableType},
    physical_plan::{ExecutionPlan, stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};
use kql_types::Ticks;

use super::{
    column::compact,
    leaf::LeafBlock,
    runs::{Runs, run_field},
};
use crate::{
    arrival::Arrived,
    error::EngineError,
    plan::{branch::Branch, one_partition},
};

/// The rows of one branch.
///
/// Its schema is that of the raw table, since the optimised plan names columns by it, but only the
/// columns that the plan's projection asked for are there.
#[derive(Debug)]
pub(crate) struct StoredTable {
    /// The branch's number.
    leaf: usize,
    raw_schema: SchemaRef,
    rows: Arc<StoredRows>,
}

#[derive(Debug)]
struct StoredRows {
    schema: SchemaRef,
    blocks: Arc<[LeafBlock]>,
    /// Whether rows stand once for each run that sees them, with the run behind them.
    is_spread: bool,
}

/// The times of the records that a look sees: an extension of the session's configuration under
/// which a plan is started. Without it, it sees all.
///
/// The query then has to be compiled with evidence; a row without a time lies in no window.
#[derive(Debug)]
pub(crate) struct Window(pub(crate) RangeInclusive<Ticks>);

/// How many rows are handed on at a time where memory is short: an extension of the session's
/// configuration. Without it, those of a block are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FewRows(pub(crate) NonZeroUsize);

impl StoredTable {
    /// Makes the table of a branch from its number and its blocks.
    pub(crate) fn new(leaf: usize, branch: &Branch, blocks: Arc<[LeafBlock]>) -> Self {
        let schema = Arc::clone(&branch.schema);
        Self {
            leaf,
            raw_schema: Arc::clone(&branch.raw_schema),
            rows: Arc::new(StoredRows { schema, blocks, is_spread: false }),
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
        let blocks = Arc::clone(&self.rows.blocks);
        Self {
            leaf: self.leaf,
            raw_schema: with_run(&self.raw_schema),
            rows: Arc::new(StoredRows { schema, blocks, is_spread: true }),
        }
    }
}

fn with_run(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().cloned().chain([Arc::new(run_field())]);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

#[async_trait]
impl TableProvider for StoredTable {
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
        one_partition::scan(&rows, limit)
    }
}

impl PartitionStream for StoredRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let blocks = Arc::clone(&self.blocks);
        let config = context.session_config();
        let schema = Arc::clone(&self.schema);
        let rows: Box<dyn Iterator<Item = Result<RecordBatch>> + Send> = if self.is_spread {
            let runs = config.get_extension::<Runs>();
            let of_runs = move |number: usize| -> Result<Vec<RecordBatch>> {
                let (Some(block), Some(runs)) = (blocks.get(number), &runs) else {
                    return internal_err!("a plan over the rows of runs was started without them");
                };
                let rows = block.of_runs(runs, number).map_err(external)?;
                rows.into_iter().map(|(rows, of)| with_runs(&rows, of, &schema)).collect()
            };
            Box::new((0..self.blocks.len()).flat_map(move |block| match of_runs(block) {
                Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<Result<_>>>(),
                Err(error) => vec![Err(error)],
            }))
        } else {
            let window = config.get_extension::<Window>();
            let arrived = config.get_extension::<Arrived>();
            let few = config.get_extension::<FewRows>();
            let rows = (0..blocks.len()).filter_map(move |index| {
                let window = window.as_ref().map(|window| &window.0);
                let rows = blocks.get(index)?.read_arrived(window, arrived.as_deref());
                rows.map_err(external).transpose()
            });
            match few {
                None => Box::new(rows),
                Some(few) => Box::new(rows.flat_map(move |rows| match rows {
                    Ok(rows) => in_parts(&rows, few.0),
                    failed => vec![failed],
                })),
            }
        };
        let rows = futures::stream::iter(rows);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}

/// Divides rows into batches that share no memory.
fn in_parts(rows: &RecordBatch, most: NonZeroUsize) -> Vec<Result<RecordBatch>> {
    let part = |start: usize| {
        let part = rows.slice(start, most.get().min(rows.num_rows().saturating_sub(start)));
        let columns = part.columns().iter().map(compact).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(part.num_rows()));
        Ok(RecordBatch::try_new_with_options(part.schema(), columns, &options)?)
    };
    (0..rows.num_rows()).step_by(most.get()).map(part).collect()
}

fn external(error: EngineError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Appends the runs that see the rows.
fn with_runs(rows: &RecordBatch, runs: Vec<Ticks>, schema: &SchemaRef) -> Result<RecordBatch> {
    let mut columns = rows.columns().to_vec();
    columns.push(Arc::new(Int64Array::from(runs)));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
