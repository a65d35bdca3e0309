//! Sorting: null and NaN together before or behind all values.
//!
//! Source: <https://learn.microsoft.com/kusto/query/sort-operator>, which has a table of both.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, SortExpr, lit, when};
use kql_bind::tree::{Relation, SortKey};
use kql_types::KqlType;

use super::order;
use crate::{
    functions::{REAL_EQUAL, decimal_kernels},
    lower::{Failure, Lowering},
};

impl Lowering<'_> {
    /// Lowers a sort.
    pub(super) fn sort(
        &mut self,
        input: &Relation,
        keys: &[SortKey],
    ) -> Result<LogicalPlan, Failure> {
        let keeps_order = self.keeps_order;
        let plan = self.relation_in_order(input, false);
        let mut sorts = Vec::with_capacity(keys.len());
        for key in keys {
            let mut value = self.value(&key.expr)?;
            match key.expr.ty {
                KqlType::Real => value = without_nan(value)?,
                KqlType::Decimal => value = decimal_kernels::KEY.call(vec![value]),
                _ => {}
            }
            sorts.push(SortExpr::new(value, !key.descending, key.nulls_first));
        }
        let plan = plan?;
        if !keeps_order {
            return Ok(LogicalPlanBuilder::from(plan).sort(sorts)?.build()?);
        }
        let columns = plan.schema().columns().into_iter().map(PlanExpr::Column);
        let carried = sorts.into_iter().enumerate();
        let carried = carried.map(|(number, sort)| sort.expr.alias(order::name(number)));
        let exprs: Vec<PlanExpr> = columns.chain(carried).collect();
        let plan = LogicalPlanBuilder::from(plan).project(exprs)?;
        Ok(plan.sort(order::sort_exprs(keys))?.build()?)
    }
}

fn without_nan(value: PlanExpr) -> Result<PlanExpr, Failure> {
    let is_number = REAL_EQUAL.call(vec![value.clone(), value.clone()]);
    Ok(when(is_number, value).otherwise(lit(ScalarValue::Float64(None)))?)
}
