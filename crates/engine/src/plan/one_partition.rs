//! A table whose rows are one stream, as a leaf of a plan.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    error::Result,
    logical_expr::{Expr, TableType},
    physical_plan::{
        ExecutionPlan,
        streaming::{PartitionStream, StreamingTableExec},
    },
};

/// The table.
///
/// Its schema is the one by which the optimised plan names columns. The rows have only the columns that
/// the plan's projection asked for.
#[derive(Debug)]
pub(crate) struct OnePartition {
    pub(crate) schema: SchemaRef,
    pub(crate) rows: Arc<dyn PartitionStream>,
}

#[async_trait]
impl TableProvider for OnePartition {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
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
        scan(&self.rows, limit)
    }
}

/// Returns the leaf of a physical plan that yields the rows.
pub(crate) fn scan(
    rows: &Arc<dyn PartitionStream>,
    limit: Option<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::clone(rows.schema());
    let rows = vec![Arc::clone(rows)];
    Ok(Arc::new(StreamingTableExec::try_new(schema, rows, None, [], false, limit)?))
}
