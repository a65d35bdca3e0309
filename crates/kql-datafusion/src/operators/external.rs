//! Data at addresses: `externaldata`. Where it is there, it is read as a table is.

use std::sync::Arc;

use datafusion_common::{DataFusionError, TableReference};
use datafusion_expr::{Expr, LogicalPlan, Projection, logical_plan::TableScanBuilder};
use kql_bind::tree::{External, Relation};

use crate::{
    EVIDENCE, LowerError, codes,
    encoding::data_type,
    lower::{Failure, Lowering},
};

impl Lowering<'_> {
    /// Scans the columns that are read; the rows rest on no record of the input.
    pub(super) fn external(
        &mut self,
        relation: &Relation,
        external: &External,
    ) -> Result<LogicalPlan, Failure> {
        if let Some(column) = relation.columns.iter().find(|it| data_type(it.ty).is_none()) {
            let message = format!("values of type {} do not run yet", column.ty);
            return Err(self.refuse(codes::TYPE, relation.span, message));
        }
        let name: Arc<str> = external.uris.join(" ").into();
        let wanted: Vec<(Arc<str>, kql_types::KqlType)> =
            relation.columns.iter().map(|it| (Arc::clone(&it.name), it.ty)).collect();
        let source = match self.scans.external(external, &wanted) {
            Err(DataFusionError::External(error)) => {
                let message = format!("the data of `externaldata` cannot be read: {error}");
                return Err(self.refuse(codes::EXTERNAL, relation.span, message));
            }
            source => {
                source.map_err(|source| LowerError::Scan { table: Arc::clone(&name), source })?
            }
        };
        let Some(source) = source else {
            let message = format!("the data of `externaldata` is not there: `{name}`");
            return Err(self.refuse(codes::EXTERNAL, relation.span, message));
        };
        let reference = TableReference::bare(name);
        let scan = LogicalPlan::TableScan(TableScanBuilder::new(reference, source).build()?);
        let scanned = scan.schema().columns().into_iter().zip(&relation.columns);
        let mut exprs: Vec<Expr> =
            scanned.map(|(from, to)| Expr::Column(from).alias(self.name(to))).collect();
        if self.evidence {
            exprs.push(self.no_evidence().alias(EVIDENCE));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(scan))?))
    }
}
