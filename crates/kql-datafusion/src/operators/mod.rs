//! Tabular operators: one relation of the tree, one file.

mod scan;

use datafusion_expr::LogicalPlan;
use kql_bind::tree::{Relation, RelationKind};

use crate::{
    codes,
    lower::{Failure, Lowering},
};

impl Lowering<'_> {
    /// Lowers a relation to a plan that delivers its columns.
    pub(crate) fn relation(&mut self, relation: &Relation) -> Result<LogicalPlan, Failure> {
        let what = match &relation.kind {
            RelationKind::Scan { table } => return self.scan(table, relation),
            RelationKind::Opaque { what, .. } => what,
            _ => "operator",
        };
        Err(self.refuse(codes::OPERATOR, relation.span, format!("`{what}` does not run yet")))
    }
}
