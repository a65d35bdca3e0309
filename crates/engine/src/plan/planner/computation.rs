//! An expression over the columns of a batch, compiled; what it asks for several times is computed once.
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
        EmptyRelation, Expr, LogicalPlan, Projection,
        physical_planning_context::PhysicalPlanningContext,
    },
    optimizer::{OptimizerRule, common_subexpr_eliminate::CommonSubexprEliminate},
    physical_expr::create_physical_expr,
    physical_plan::PhysicalExpr,
};

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Computation {
    /// What is computed first, each with what is before it.
    common: Vec<Common>,
    expr: Arc<dyn PhysicalExpr>,
}

/// What an expression asks for several times.
#[derive(Debug)]
struct Common {
    expr: Arc<dyn PhysicalExpr>,
    /// The columns of the batch, what has been computed before, and this.
    with: SchemaRef,
}

impl Computation {
    /// Compiles an expression over the columns of its input.
    pub(super) fn new(expr: &Expr, input: &Arc<Schema>, state: &SessionState) -> Result<Self> {
        let (expr, common) = apart(expr, input, state)?;
        let compile = |expr: &Expr, input: &SchemaRef| {
            let schema = DFSchema::try_from(Arc::clone(input))?;
            let context = PhysicalPlanningContext::default();
            create_physical_expr(expr, &schema, state.execution_props(), &context)
        };
        let mut schema = Arc::clone(input);
        let mut compiled = Vec::with_capacity(common.len());
        for (name, common) in common {
            let common = compile(&common, &schema)?;
            let field = Field::new(name, common.data_type(&schema)?, true);
            let fields = schema.fields().iter().cloned().chain([Arc::new(field)]);
            schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            compiled.push(Common { expr: common, with: Arc::clone(&schema) });
        }
        Ok(Self { expr: compile(&expr, &schema)?, common: compiled })
    }

    /// Computes the expression for each row.
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
        self.expr.evaluate(&rows)?.into_array(count)
    }
}

/// Takes an expression apart: into one over the columns and what is computed of them first, by name.
fn apart(
    expr: &Expr,
    input: &Arc<Schema>,
    state: &SessionState,
) -> Result<(Expr, Vec<(String, Expr)>)> {
    let schema = Arc::new(DFSchema::try_from(Arc::clone(input))?);
    let rows = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
    let whole = vec![expr.clone().alias(VALUE)];
    let whole = LogicalPlan::Projection(Projection::try_new(whole, Arc::new(rows))?);
    let Transformed { data, transformed, .. } =
        CommonSubexprEliminate::new().rewrite(whole, state)?;
    // A projection of projections, of which each computes what those over it share.
    if transformed
        && let LogicalPlan::Projection(value) = &data
        && let [Expr::Alias(alias)] = &*value.expr
    {
        let mut computed = Vec::new();
        let mut below = &value.input;
        while let LogicalPlan::Projection(shared) = &**below {
            let aliases = shared.expr.iter().rev().filter_map(|expr| match expr {
                Expr::Alias(alias) => Some((alias.name.clone(), (*alias.expr).clone())),
                _ => None,
            });
            computed.extend(aliases);
            below = &shared.input;
        }
        computed.reverse();
        return Ok(((*alias.expr).clone(), computed));
    }
    Ok((expr.clone(), Vec::new()))
}

/// The name of the whole while it is taken apart.
const VALUE: &str = "value";

#[cfg(test)]
mod tests {
    use arrow::{
        array::{AsArray, Int64Array},
        datatypes::DataType,
    };
    use datafusion::logical_expr::{col, lit, when};

    use super::*;
    use crate::{plan::planner::Planner, settings::Settings};

    fn compiled(condition: &Expr) -> Computation {
        let planner = Planner::new(&Settings::for_tests()).unwrap();
        planner.computation(condition, &schema()).unwrap()
    }

    fn schema() -> SchemaRef {
        let fields = ["a", "b"].map(|name| Field::new(name, DataType::Int64, true));
        Arc::new(Schema::new(fields.to_vec()))
    }

    fn answers(condition: &Computation) -> Vec<Option<bool>> {
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
