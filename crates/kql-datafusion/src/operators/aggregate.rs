//! Grouping, and the aggregates.
//!
//! Source: <https://learn.microsoft.com/kusto/query/aggregation-functions>, and measured: aggregates
//! skip nulls; over no rows `count` and `sum` are 0, `avg` is NaN, arrays are `[]`, the rest null.

use std::{collections::HashSet, sync::Arc};

use datafusion_expr::{Aggregate as PlanAggregate, LogicalPlan, Projection, SortExpr};
use datafusion_functions::core::expr_fn::coalesce;
use datafusion_functions_aggregate::expr_fn::array_agg;
use kql_bind::tree::{Aggregate, Expr, Relation};

use super::order::order_of;
use crate::{
    EVIDENCE,
    aggregates::{AggregateCall, Lowered, aggregations},
    codes,
    lower::{Failure, Lowering, plan_column},
};

impl Lowering<'_> {
    /// Lowers a grouping.
    pub(super) fn aggregate(
        &mut self,
        relation: &Relation,
        input: &Relation,
        keys: &[Expr],
        aggregates: &[Aggregate],
    ) -> Result<LogicalPlan, Failure> {
        let order = if aggregates.iter().any(follows_order) { order_of(input) } else { Vec::new() };
        let plan = self.relation_in_order(input, !order.is_empty());
        let mut groups = Vec::with_capacity(keys.len());
        let mut outputs = Vec::new();
        let mut seen = HashSet::new();
        for (column, key) in relation.columns.iter().zip(keys) {
            // One column may be several keys.
            if !seen.insert(column.id) {
                continue;
            }
            let name = format!("{}!", self.name(column));
            groups.push(self.value(key)?.alias(&name));
            outputs.push(plan_column(name).alias(self.name(column)));
        }
        let mut lowered = Vec::new();
        let mut failure = None;
        for aggregate in aggregates {
            match self.lower_aggregate(aggregate, &order) {
                Ok(values) => {
                    for (column, value) in aggregate.outputs.iter().zip(values) {
                        let name = format!("{}!", self.name(column));
                        lowered.push(value.aggregate.alias(&name));
                        let value = value.finish.apply(plan_column(name));
                        outputs.push(value.alias(self.name(column)));
                    }
                }
                Err(refused) => failure = Some(refused),
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        if self.evidence {
            let cited = array_agg(plan_column(EVIDENCE)).alias("$cited");
            lowered.push(cited);
            let flat = datafusion_functions_nested::expr_fn::flatten(plan_column("$cited"));
            outputs.push(coalesce(vec![flat, self.no_evidence()]).alias(EVIDENCE));
        }
        let grouped = PlanAggregate::try_new(Arc::new(plan?), groups, lowered)?;
        let grouped = Arc::new(LogicalPlan::Aggregate(grouped));
        Ok(LogicalPlan::Projection(Projection::try_new(outputs, grouped)?))
    }

    /// Lowers an aggregate to one expression for each of its columns.
    fn lower_aggregate(
        &mut self,
        aggregate: &Aggregate,
        order: &[SortExpr],
    ) -> Result<Vec<Lowered>, Failure> {
        let mut args = Vec::with_capacity(aggregate.args.len());
        for arg in &aggregate.args {
            args.push((self.value(arg)?, arg.ty));
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.filter(filter)).transpose()?;
        let call = AggregateCall { args, filter, order: order.to_vec() };
        let known = aggregations().find(|it| it.name == aggregate.function);
        known.and_then(|known| (known.lower)(&call)).ok_or_else(|| {
            let message = format!("the aggregate `{}` does not run yet", aggregate.function);
            self.refuse(codes::AGGREGATE, aggregate.span, message)
        })
    }
}

/// Tells whether an aggregate's value depends on the order of rows.
fn follows_order(aggregate: &Aggregate) -> bool {
    matches!(
        aggregate.function,
        "make_list" | "make_list_with_nulls" | "make_set" | "make_bag" | "take_any"
    )
}
