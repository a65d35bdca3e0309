//! The native rows of a table.

use std::sync::Arc;

use datafusion_common::TableReference;
use datafusion_expr::{Expr, LogicalPlan, Projection, logical_plan::TableScanBuilder};
use kql_bind::tree::Relation;

use crate::{
    EVIDENCE, LowerError, ScanColumn,
    lower::{Failure, Lowering},
};

impl Lowering<'_> {
    /// Scans the columns that the relation has, and renames them to their names in the plan.
    pub(super) fn scan(
        &mut self,
        table: &Arc<str>,
        relation: &Relation,
    ) -> Result<LogicalPlan, Failure> {
        let mut wanted = Vec::new();
        for column in &relation.columns {
            let scanned = ScanColumn::Column { name: Arc::clone(&column.name), ty: column.ty };
            wanted.push((scanned, self.name(column)));
        }
        if self.options.evidence {
            wanted.push((ScanColumn::Evidence, EVIDENCE.to_owned()));
        }
        let (columns, names): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let source = self
            .scans
            .scan(table, &columns)
            .map_err(|source| LowerError::Scan { table: Arc::clone(table), source })?;
        let reference = TableReference::bare(Arc::clone(table));
        let scan = LogicalPlan::TableScan(TableScanBuilder::new(reference, source).build()?);
        let exprs = scan.schema().columns().into_iter().zip(names);
        let exprs = exprs.map(|(column, name)| Expr::Column(column).alias(name)).collect();
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(scan))?))
    }
}
