//! A condition over the columns of a batch, compiled; what it asks for several times is computed once.
//!
//! What views compute stands in a condition wherever the rule uses it. DataFusion finds what plans compute
//! several times, but not in the conditions that a scan tests.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use datafusion::{
    common::{DFSchema, tree_node::Transformed},
    error::Result,
    execution::SessionState,
    logical_expr::{
        EmptyRelation, Expr, Filter, LogicalPlan,
        physical_planning_context::PhysicalPlanningContext,
    },
    optimizer::{OptimizerRule, common_subexpr_eliminate::CommonSubexprEliminate},
    physical_expr::create_physical_expr,
    physical_plan::PhysicalExpr,
};

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Condition {
    /// What is computed first, each with what is before it.
    common: Vec<Common>,
    test: Arc<dyn PhysicalExpr>,
}

/// What a condition asks for several times.
#[derive(Debug)]
struct Common {
    expr: Arc<dyn PhysicalExpr>,
    /// The columns of the batch, what has been computed before, and this.
    with: SchemaRef,
}

impl Condition {
    /// Compiles a condition over the columns of its input.
    pub(super) fn new(condition: &Expr, input: &Arc<Schema>, state: &SessionState) -> Result<Self> {
        let (condition, common) = apart(condition, input, state)?;
        let compile = |expr: &Expr, input: &SchemaRef| {
            let schema = DFSchema::try_from(Arc::clone(input))?;
            let context = PhysicalPlanningContext::default();
            create_physical_expr(expr, &schema, state.execution_props(), &context)
        };
        let mut schema = Arc::clone(input);
        let mut compiled = Vec::with_capacity(common.len());
        for (name, expr) in common {
            let expr = compile(&expr, &schema)?;
            let field = Field::new(name, expr.data_type(&schema)?, true);
            let fields = schema.fields().iter().cloned().chain([Arc::new(field)]);
            schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            compiled.push(Common { expr, with: Arc::clone(&schema) });
        }
        Ok(Self { test: compile(&condition, &schema)?, common: compiled })
    }

    /// Returns what the condition says of each row.
    ///
    /// # Errors
    ///
    /// If it fails on a row.
    pub(crate) fn evaluate(&self, rows: &RecordBatch) -> Result<ArrayRef> {
        let count = rows.num_rows();
        let mut rows = rows.clone();
        for Common { expr, with } in &self.common {
            let computed = expr.evaluate(&rows)?.into_array(count)?;
            let columns = rows.columns().iter().cloned().chain([computed]).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(count));
            rows = RecordBatch::try_new_with_options(Arc::clone(with), columns, &options)?;
        }
        self.test.evaluate(&rows)?.into_array(count)
    }
}

/// Takes a condition apart: into one over the columns and what is computed of them first, by name.
fn apart(
    condition: &Expr,
    input: &Arc<Schema>,
    state: &SessionState,
) -> Result<(Expr, Vec<(String, Expr)>)> {
    let schema = Arc::new(DFSchema::try_from(Arc::clone(input))?);
    let rows = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
    let filter = LogicalPlan::Filter(Filter::try_new(condition.clone(), Arc::new(rows))?);
    let Transformed { data, transformed, .. } =
        CommonSubexprEliminate::new().rewrite(filter, state)?;
    // A projection of the filter of projections, of which each computes what those over it share.
    if transformed
        && let LogicalPlan::Projection(outer) = &data
        && let LogicalPlan::Filter(filter) = &*outer.input
    {
        let mut computed = Vec::new();
        let mut below = &filter.input;
        while let LogicalPlan::Projection(shared) = &**below {
            let aliases = shared.expr.iter().rev().filter_map(|expr| match expr {
                Expr::Alias(alias) => Some((alias.name.clone(), (*alias.expr).clone())),
                _ => None,
            });
            computed.extend(aliases);
            below = &shared.input;
        }
        computed.reverse();
        return Ok((filter.predicate.clone(), computed));
    }
    Ok((condition.clone(), Vec::new()))
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{AsArray, Int64Array},
        datatypes::DataType,
    };
    use datafusion::logical_expr::{col, lit, when};

    use super::*;
    use crate::{plan::planner::Planner, settings::Settings};

    fn compiled(condition: &Expr) -> Condition {
        let planner = Planner::new(&Settings::for_tests()).unwrap();
        planner.condition(condition, &schema()).unwrap()
    }

    fn schema() -> SchemaRef {
        let fields = ["a", "b"].map(|name| Field::new(name, DataType::Int64, true));
        Arc::new(Schema::new(fields.to_vec()))
    }

    fn answers(condition: &Condition) -> Vec<Option<bool>> {
        let column =
            |values: [Option<i64>; 4]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
        let columns = vec![
            column([Some(1), Some(2), None, Some(-3)]),
            column([Some(1), Some(5), Some(1), Some(4)]),
        ];
        let rows = RecordBatch::try_new(schema(), columns).unwrap();
        condition.evaluate(&rows).unwrap().as_boolean().iter().collect()
    }

    #[test]
    fn what_is_asked_for_twice_is_computed_once() {
        let product = || col("a") * col("b");
        let condition = compiled(&product().gt(lit(9_i64)).or(product().lt(lit(-9_i64))));
        assert_eq!(condition.common.len(), 1);
        assert_eq!(answers(&condition), [Some(false), Some(true), None, Some(true)]);
    }

    #[test]
    fn what_is_computed_once_may_be_of_what_is() {
        let sum = || col("a") + col("b");
        let square = || sum() * sum();
        let twice = square().gt(lit(40_i64)).or(square().lt(lit(2_i64)));
        let condition = compiled(&twice.and(sum().lt(lit(9_i64))));
        assert!(condition.common.len() > 1, "{condition:?}");
        assert_eq!(answers(&condition), [Some(false), Some(true), None, Some(true)]);
    }

    #[test]
    fn what_only_some_rows_ask_for_is_not_computed_for_all() {
        // Dividing by zero fails: it is asked for twice, and for none of the rows.
        let quotient = || lit(8_i64) / (col("b") - lit(5_i64));
        let condition = when(col("b").eq(lit(5_i64)), lit(true))
            .when(quotient().gt(lit(1_i64)), lit(true))
            .otherwise(quotient().lt(lit(-1_i64)))
            .unwrap();
        let condition = compiled(&condition);
        assert!(condition.common.is_empty());
        assert_eq!(answers(&condition), [Some(true); 4]);
    }
}
