//! Rows for the elements of arrays: `mv-expand` and what is made of it.
//!
//! Each array becomes a list column, and one unnest node walks the lists side by side: the longest one
//! decides how many rows there are.
//!
//! Source: <https://learn.microsoft.com/kusto/query/mv-expand-operator>, and measured.

use std::sync::Arc;

use datafusion_common::{Column as PlanColumn, ScalarValue, UnnestOptions};
use datafusion_expr::{Expr as PlanExpr, LogicalPlan, Projection, Unnest, lit};
use kql_bind::tree::{Expand, ExpandedArray, Expr, ExprKind, Relation};
use kql_types::{KqlType, Value};

use super::order::{self, carried, order_of};
use crate::{
    EVIDENCE, codes,
    functions::{convert, dynamic_kernels},
    lower::{Failure, Lowering, plan_column},
};

/// What the elements' numbers are called until they have their name.
const INDEX: &str = "$index";

impl Lowering<'_> {
    /// Lowers an expansion.
    pub(super) fn expand(
        &mut self,
        relation: &Relation,
        expand: &Expand,
    ) -> Result<LogicalPlan, Failure> {
        let order = if self.keeps_order { order_of(&expand.input).len() } else { 0 };
        let plan = self.relation(&expand.input);
        let limit = self.element_limit(expand.limit.as_ref())?;
        let mut lists = Vec::with_capacity(expand.arrays.len());
        for (number, array) in expand.arrays.iter().enumerate() {
            let pairs = lit(array.bags_as_pairs);
            let args = vec![self.value(&array.source)?, pairs, lit(limit)];
            lists.push(dynamic_kernels::ELEMENTS.call(args).alias(list_name(number)));
        }
        let plan = plan?;
        let mut passed: Vec<PlanExpr> = Vec::new();
        for column in Self::distinct(&expand.input.columns) {
            passed.extend(self.plan_names(column).into_iter().map(plan_column));
        }
        passed.extend(self.evidence.then(|| plan_column(EVIDENCE)));
        passed.extend(carried(&plan));
        let mut names: Vec<String> = (0..lists.len()).map(list_name).collect();
        let plan = projected(plan, passed.iter().cloned().chain(lists).collect())?;
        let needs_index = expand.index.is_some() || order > 0;
        let plan = if needs_index { with_index(plan, &mut names)? } else { plan };
        let columns = names.iter().map(PlanColumn::new_unqualified).collect();
        let plan = LogicalPlan::Unnest(Unnest::try_new(
            Arc::new(plan),
            columns,
            UnnestOptions::default(),
        )?);
        let mut exprs = passed;
        for (number, array) in expand.arrays.iter().enumerate() {
            let value = self.element(relation, array, plan_column(list_name(number)))?;
            exprs.push(value.alias(self.name(&array.column)));
        }
        exprs.extend(expand.index.iter().map(|it| plan_column(INDEX).alias(self.name(it))));
        if order > 0 {
            exprs.push(plan_column(INDEX).alias(order::name(order)));
        }
        projected(plan, exprs)
    }

    /// Returns how many elements of a row count.
    fn element_limit(&mut self, limit: Option<&Expr>) -> Result<i64, Failure> {
        match limit.map(|limit| (&limit.kind, limit.span)) {
            None => Ok(i64::MAX),
            Some((ExprKind::Literal(Value::Long(Some(limit))), _)) => Ok(*limit),
            Some((_, span)) => {
                let message = "a limit that is not a constant does not run yet".to_owned();
                Err(self.refuse(codes::OPERATOR, span, message))
            }
        }
    }

    /// Returns an element as its column's type: what is not of that type is missing.
    fn element(
        &mut self,
        relation: &Relation,
        array: &ExpandedArray,
        element: PlanExpr,
    ) -> Result<PlanExpr, Failure> {
        let ty = array.column.ty;
        let kinds = match ty {
            KqlType::Dynamic => return Ok(element),
            KqlType::Int | KqlType::Long | KqlType::Real => "number",
            KqlType::Bool => "bool",
            KqlType::Datetime | KqlType::Guid => "string",
            KqlType::String => "",
            KqlType::Timespan | KqlType::Decimal => {
                let message = format!("elements as {ty} do not run yet");
                return Err(self.refuse(codes::CONVERSION, relation.span, message));
            }
        };
        let fitting = if kinds.is_empty() {
            element
        } else {
            let kinds = ScalarValue::Utf8View(Some(kinds.to_owned()));
            dynamic_kernels::OF_KIND.call(vec![element, lit(kinds)])
        };
        convert(fitting, KqlType::Dynamic, ty).ok_or_else(|| {
            let message = format!("elements as {ty} do not run yet");
            self.refuse(codes::CONVERSION, relation.span, message)
        })
    }
}

/// Adds the list of the elements' numbers, as long as the longest list.
fn with_index(plan: LogicalPlan, names: &mut Vec<String>) -> Result<LogicalPlan, Failure> {
    let lists = names.iter().map(plan_column).collect();
    let index = dynamic_kernels::ELEMENT_NUMBERS.call(lists).alias(INDEX);
    names.push(INDEX.to_owned());
    let columns = plan.schema().columns().into_iter().map(PlanExpr::Column);
    let exprs = columns.chain([index]).collect();
    projected(plan, exprs)
}

fn list_name(number: usize) -> String {
    format!("$elements {number}")
}

fn projected(plan: LogicalPlan, exprs: Vec<PlanExpr>) -> Result<LogicalPlan, Failure> {
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
}
