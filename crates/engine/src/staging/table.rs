//! A branch's staged rows as a table of a plan, whole or within a window of time.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::{
    array::{BooleanArray, Int64Array},
    compute::filter_record_batch,
    datatypes::SchemaRef,
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
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

use super::store::StagedBatch;
use crate::evidence;

/// The rows of one branch.
///
/// Its schema is that of the raw table, since the optimised plan names columns by it, but only the
/// columns that the plan's projection asked for are there.
#[derive(Debug)]
pub(crate) struct StagedTable {
    raw_schema: SchemaRef,
    rows: Arc<StagedRows>,
}

#[derive(Debug)]
struct StagedRows {
    schema: SchemaRef,
    batches: Arc<[StagedBatch]>,
}

/// The times of the records that a look sees: an extension of the session's configuration under
/// which a plan is started. Without it, it sees all.
///
/// The rows then have to carry evidence, and one without a time lies in no window.
#[derive(Debug)]
pub(crate) struct Window(pub(crate) RangeInclusive<Ticks>);

impl StagedTable {
    /// Makes the table from a branch's batches, which have `schema`.
    pub(crate) fn new(
        raw_schema: SchemaRef,
        schema: SchemaRef,
        batches: Arc<[StagedBatch]>,
    ) -> Self {
        Self { raw_schema, rows: Arc::new(StagedRows { schema, batches }) }
    }
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
        let window = context.session_config().get_extension::<Window>();
        let stream = (0..batches.len()).filter_map(move |index| {
            let batch = batches.get(index)?;
            read(batch, window.as_ref().map(|window| &window.0)).transpose()
        });
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            futures::stream::iter(stream),
        ))
    }
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
