//! Projections: columns passed on and columns computed.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use datafusion_expr::{Expr as PlanExpr, LogicalPlan, Projection};
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
        let mut names = Vec::with_capacity(relation.columns.len().saturating_add(1));
        for (to, from) in relation.columns.iter().zip(&input.columns) {
            names.push((self.name(from), self.name(to)));
        }
        if self.evidence {
            names.push((EVIDENCE.to_owned(), EVIDENCE.to_owned()));
        }
        // What has just been computed is better named at once.
        if let LogicalPlan::Projection(projection) = &plan
            && let Some(exprs) = renamed_within(projection, &names)
        {
            let input = Arc::clone(&projection.input);
            return Ok(LogicalPlan::Projection(Projection::try_new(exprs, input)?));
        }
        let exprs = names.into_iter().map(|(from, to)| plan_column(from).alias(to)).collect();
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }
}

/// Returns the expressions of a projection under other names, from and to; `None` if one of them
/// would be computed twice.
fn renamed_within(projection: &Projection, names: &[(String, String)]) -> Option<Vec<PlanExpr>> {
    let fields = projection.schema.fields().iter().map(|field| field.name().as_str());
    let mut exprs: HashMap<&str, Option<&PlanExpr>> =
        fields.zip(projection.expr.iter().map(Some)).collect();
    let rename = |(from, to): &(String, String)| {
        let entry = exprs.get_mut(from.as_str())?;
        let expr = (*entry)?;
        let value = expr.clone().unalias();
        if !matches!(value, PlanExpr::Column(_) | PlanExpr::Literal(..)) {
            *entry = None;
        }
        Some(value.alias(to))
    };
    names.iter().map(rename).collect()
}
