//! Rows that come from no table: `print`, `datatable`, `range`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use datafusion_common::{Column as PlanColumn, DFSchema, ScalarValue, UnnestOptions};
use datafusion_expr::{
    EmptyRelation, Expr as PlanExpr, LogicalPlan, Projection, Unnest, Values, cast, lit,
};
use kql_bind::tree::{Expr, ExprKind, Relation};
use kql_types::{KqlType, Value, datetime};

use crate::{
    EVIDENCE, codes,
    encoding::data_type,
    functions::{convert, range_rows},
    lower::{Failure, Lowering, plan_column},
};

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

    /// Lowers a range: between constants its rows are made at once, else when the query runs.
    pub(super) fn range(
        &mut self,
        relation: &Relation,
        bounds: [&Expr; 3],
    ) -> Result<LogicalPlan, Failure> {
        let ty = bounds.first().map_or(KqlType::Long, |from| from.ty);
        let add = if ty == KqlType::Datetime { datetime::add } else { i64::checked_add };
        let [Some(from), Some(to), Some(step)] = bounds.map(whole) else {
            return self.computed_range(relation, bounds, ty);
        };
        let values = range_rows::values([from, to, step], add)
            .map_err(|error| self.refuse(codes::OPERATOR, relation.span, error.to_string()))?;
        let is_int = relation.columns.first().is_some_and(|column| column.ty == KqlType::Int);
        let scalar = |value: i64| match i32::try_from(value) {
            Ok(value) if is_int => ScalarValue::Int32(Some(value)),
            _ => ScalarValue::Int64(Some(value)),
        };
        let rows = values.into_iter().map(|value| vec![lit(scalar(value))]).collect();
        self.constant_rows(relation, rows)
    }

    /// Lowers a range whose bounds are reals or known only when the query runs: a list of one row, and
    /// a row for each of its values.
    fn computed_range(
        &mut self,
        relation: &Relation,
        bounds: [&Expr; 3],
        ty: KqlType,
    ) -> Result<LogicalPlan, Failure> {
        const VALUE: &str = "$range";
        let (kernel, made) = match ty {
            KqlType::Int | KqlType::Long => (&range_rows::LONGS, KqlType::Long),
            KqlType::Timespan => (&range_rows::LONGS, ty),
            KqlType::Datetime => (&range_rows::DATETIMES, ty),
            KqlType::Real => (&range_rows::REALS, ty),
            _ => {
                let message = format!("a range of {ty} does not run yet");
                return Err(self.refuse(codes::OPERATOR, relation.span, message));
            }
        };
        let mut args = Vec::with_capacity(bounds.len());
        for bound in bounds {
            let wanted = if bound.ty == KqlType::Int { KqlType::Long } else { bound.ty };
            let value = self.value(bound)?;
            let Some(value) = convert(value, bound.ty, wanted) else {
                let message = format!("a range of {ty} does not run yet");
                return Err(self.refuse(codes::OPERATOR, relation.span, message));
            };
            args.push(value);
        }
        let schema = Arc::new(DFSchema::empty());
        let one = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: true, schema });
        let list = vec![kernel.call(args).alias(VALUE)];
        let list = LogicalPlan::Projection(Projection::try_new(list, Arc::new(one))?);
        let columns = vec![PlanColumn::new_unqualified(VALUE)];
        let options = UnnestOptions::default();
        let values = LogicalPlan::Unnest(Unnest::try_new(Arc::new(list), columns, options)?);
        let mut exprs = Vec::new();
        for column in &relation.columns {
            // A range of ints has ints: its bounds are, and nothing beyond the last is made.
            let value = match column.ty {
                KqlType::Int => cast(plan_column(VALUE), DataType::Int32),
                ty if ty == made => plan_column(VALUE),
                _ => {
                    let message = format!("a range of {} does not run yet", column.ty);
                    return Err(self.refuse(codes::OPERATOR, relation.span, message));
                }
            };
            exprs.push(value.alias(self.name(column)));
        }
        if self.evidence {
            exprs.push(self.no_evidence().alias(EVIDENCE));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(values))?))
    }
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
