//! Projections: columns passed on and columns computed.

use std::{collections::HashSet, sync::Arc};

use datafusion_expr::{LogicalPlan, Projection};
use kql_bind::tree::{Expr, ExprKind, Relation};

use super::order::carried;
use crate::{
    EVIDENCE,
    lower::{Failure, Lowering, plan_column},
};

impl Lowering<'_> {
    /// Lowers a projection. A column that is passed on takes the paths into it along, and appears
    /// once in the plan however many names it has.
    pub(super) fn project(
        &mut self,
        relation: &Relation,
        input: &Relation,
        exprs: &[Expr],
    ) -> Result<LogicalPlan, Failure> {
        let plan = self.relation(input);
        let mut seen = HashSet::new();
        let mut lowered = Vec::new();
        let mut failure = None;
        for (column, expr) in relation.columns.iter().zip(exprs) {
            match expr.kind {
                ExprKind::Column(id) if id == column.id => {
                    if seen.insert(id) {
                        lowered.extend(self.plan_names(column).into_iter().map(plan_column));
                    }
                }
                _ => match self.value(expr) {
                    Ok(value) => lowered.push(value.alias(self.name(column))),
                    Err(refused) => failure = Some(refused),
                },
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        if self.evidence {
            lowered.push(plan_column(EVIDENCE));
        }
        let plan = plan?;
        lowered.extend(carried(&plan));
        Ok(LogicalPlan::Projection(Projection::try_new(lowered, Arc::new(plan))?))
    }

    /// Lowers rows that several places read: each reads them by itself.
    pub(super) fn shared(
        &mut self,
        relation: &Relation,
        input: &Relation,
    ) -> Result<LogicalPlan, Failure> {
        let plan = self.relation(input)?;
        self.renamed(plan, relation, input)
    }

    /// Gives a relation's columns the names of another's, by position.
    pub(super) fn renamed(
        &mut self,
        plan: LogicalPlan,
        relation: &Relation,
        input: &Relation,
    ) -> Result<LogicalPlan, Failure> {
        let mut exprs = Vec::with_capacity(relation.columns.len());
        for (to, from) in relation.columns.iter().zip(&input.columns) {
            exprs.push(plan_column(self.name(from)).alias(self.name(to)));
        }
        if self.evidence {
            exprs.push(plan_column(EVIDENCE));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }
}
