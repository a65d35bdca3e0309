//! Rows that come from no table: `print`, `datatable`, `range`.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use datafusion_common::{DFSchema, ScalarValue};
use datafusion_expr::{EmptyRelation, Expr as PlanExpr, LogicalPlan, Projection, Values, lit};
use kql_bind::tree::{Expr, ExprKind, Relation};
use kql_types::{KqlType, Value, datetime};

use crate::{
    EVIDENCE, codes,
    encoding::data_type,
    lower::{Failure, Lowering, plan_column},
};

/// A range of more values is refused: its rows are made before the query runs.
const MAX_RANGE: usize = 1_000_000;

impl Lowering<'_> {
    /// Makes one row without columns.
    pub(super) fn one_row(&mut self, _relation: &Relation) -> Result<LogicalPlan, Failure> {
        let schema = Arc::new(DFSchema::empty());
        let one = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: true, schema });
        if !self.evidence {
            return Ok(one);
        }
        let evidence = vec![self.no_evidence().alias(EVIDENCE)];
        Ok(LogicalPlan::Projection(Projection::try_new(evidence, Arc::new(one))?))
    }

    /// Lowers constant rows.
    pub(super) fn values(
        &mut self,
        relation: &Relation,
        rows: &[Vec<Expr>],
    ) -> Result<LogicalPlan, Failure> {
        let mut lowered = Vec::with_capacity(rows.len());
        for row in rows {
            let row = row.iter().map(|value| self.value(value)).collect::<Result<Vec<_>, _>>()?;
            lowered.push(row);
        }
        self.constant_rows(relation, lowered)
    }

    fn constant_rows(
        &mut self,
        relation: &Relation,
        rows: Vec<Vec<PlanExpr>>,
    ) -> Result<LogicalPlan, Failure> {
        let mut fields = Vec::with_capacity(relation.columns.len());
        for (number, column) in relation.columns.iter().enumerate() {
            let Some(data_type) = data_type(column.ty) else {
                let message = format!("values of type {} do not run yet", column.ty);
                return Err(self.refuse(codes::TYPE, relation.span, message));
            };
            // The optimiser makes these nodes anew, by its own names.
            let name = format!("column{}", number.saturating_add(1));
            fields.push(Field::new(name, data_type, true));
        }
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let schema = Arc::new(DFSchema::try_from(Schema::new(fields))?);
        let plan = if rows.is_empty() {
            LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema })
        } else {
            LogicalPlan::Values(Values { schema, values: rows })
        };
        let columns = names.into_iter().zip(&relation.columns);
        let mut exprs: Vec<PlanExpr> =
            columns.map(|(from, to)| plan_column(from).alias(self.name(to))).collect();
        if self.evidence {
            exprs.push(self.no_evidence().alias(EVIDENCE));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }

    /// Lowers a range between constants.
    pub(super) fn range(
        &mut self,
        relation: &Relation,
        bounds: [&Expr; 3],
    ) -> Result<LogicalPlan, Failure> {
        let Some(values) = range_values(bounds) else {
            let message = "this range does not run yet: it needs constants, whole numbers or times, \
                           and at most a million values";
            return Err(self.refuse(codes::OPERATOR, relation.span, message.to_owned()));
        };
        let is_int = relation.columns.first().is_some_and(|column| column.ty == KqlType::Int);
        let scalar = |value: i64| match i32::try_from(value) {
            Ok(value) if is_int => ScalarValue::Int32(Some(value)),
            _ => ScalarValue::Int64(Some(value)),
        };
        let rows = values.into_iter().map(|value| vec![lit(scalar(value))]).collect();
        self.constant_rows(relation, rows)
    }
}

/// Returns the values from the first up to the limit; none where the step leads away from it.
fn range_values(bounds: [&Expr; 3]) -> Option<Vec<i64>> {
    let [from, to, step] = bounds.map(whole);
    let (from, to, step) = (from?, to?, step?);
    let is_datetime = bounds.first().is_some_and(|from| from.ty == KqlType::Datetime);
    let mut values = Vec::new();
    let mut value = from;
    while step != 0 && if step > 0 { value <= to } else { value >= to } {
        if values.len() >= MAX_RANGE {
            return None;
        }
        values.push(value);
        let next = if is_datetime { datetime::add(value, step) } else { value.checked_add(step) };
        let Some(next) = next else { break };
        value = next;
    }
    (step != 0).then_some(values)
}

fn whole(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Value::Long(value) | Value::Datetime(value) | Value::Timespan(value)) => {
            *value
        }
        ExprKind::Literal(Value::Int(value)) => value.map(i64::from),
        _ => None,
    }
}
