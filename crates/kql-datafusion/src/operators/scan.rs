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
    /// Scans the columns and paths that are read, and renames them to their names in the plan.
    ///
    /// The record that a row is becomes a list of one, as which it is carried on.
    pub(super) fn scan(
        &mut self,
        table: &Arc<str>,
        relation: &Relation,
    ) -> Result<LogicalPlan, Failure> {
        let mut wanted = Vec::new();
        for column in &relation.columns {
            let name = self.name(column);
            if self.usage.needs_whole(column.id) {
                let scanned = ScanColumn::Column { name: Arc::clone(&column.name), ty: column.ty };
                wanted.push((scanned, name));
            }
            for (steps, form) in self.usage.paths(column.id) {
                let scanned = ScanColumn::Path {
                    column: Arc::clone(&column.name),
                    steps: steps.clone(),
                    form: *form,
                };
                wanted.push((scanned, self.path_name(column.id, steps, *form)));
            }
        }
        if self.evidence {
            wanted.push((ScanColumn::Evidence, EVIDENCE.to_owned()));
        }
        let (columns, names): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let source = self
            .scans
            .scan(table, &columns)
            .map_err(|source| LowerError::Scan { table: Arc::clone(table), source })?;
        let reference = TableReference::bare(Arc::clone(table));
        let scan = LogicalPlan::TableScan(TableScanBuilder::new(reference, source).build()?);
        let scanned = scan.schema().columns().into_iter().zip(columns).zip(names);
        let exprs = scanned.map(|((column, scanned), name)| {
            let value = Expr::Column(column);
            match scanned {
                ScanColumn::Evidence => {
                    datafusion_functions_nested::expr_fn::make_array(vec![value]).alias(name)
                }
                ScanColumn::Column { .. } | ScanColumn::Path { .. } => value.alias(name),
            }
        });
        Ok(LogicalPlan::Projection(Projection::try_new(exprs.collect(), Arc::new(scan))?))
    }
}
