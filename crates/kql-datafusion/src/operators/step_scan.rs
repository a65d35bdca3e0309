//! `scan`: one window function over each partition, whose value is the list of a row's results.
//!
//! The list is unnested, so that a row has as many rows as results, and its fields become columns.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::{Column as PlanColumn, ScalarValue, UnnestOptions};
use datafusion_expr::{
    Expr as PlanExpr, LogicalPlan, Projection, SortExpr, Unnest, Window as PlanWindow, WindowUDF,
    expr::{WindowFunction as PlanFunction, WindowFunctionParams},
};
use datafusion_functions::core::expr_fn::get_field;
use datafusion_functions_window::row_number::row_number_udwf;
use kql_bind::tree::{Column, ColumnId, Expr, ExprKind, Relation, ScanStep, StepScan};

use super::order::order_of;
use crate::{
    EVIDENCE, codes, data_type,
    encoding::scalar,
    lower::{Failure, Lowering, plan_column},
    windows::step_scan::{Field, MATCH_ID, Program, Remembered, Source, Step, declared_name},
};

/// The number of a row in the order of arrival.
const ARRIVAL: &str = "$arrival";
/// The results of a row.
const RESULTS: &str = "$results";

impl Lowering<'_> {
    /// Lowers a scan by steps.
    pub(super) fn step_scan(
        &mut self,
        relation: &Relation,
        scan: &StepScan,
    ) -> Result<LogicalPlan, Failure> {
        let order = order_of(&scan.input);
        let mut plan = self.relation_in_order(&scan.input, !order.is_empty())?;
        let partition = scan.partition.iter().map(|key| self.value(key));
        let partition = partition.collect::<Result<Vec<_>, _>>()?;
        let mut order_by = order;
        if order_by.is_empty() && !partition.is_empty() {
            let arrival: PlanExpr = PlanFunction::new(row_number_udwf(), Vec::new()).into();
            plan = windowed(plan, arrival.alias(ARRIVAL))?;
            order_by = vec![SortExpr::new(plan_column(ARRIVAL), true, false)];
        }
        let (program, args) = self.program(relation, scan)?;
        let mut call = PlanFunction::new(Arc::new(WindowUDF::new_from_impl(program)), args);
        call.params = WindowFunctionParams { partition_by: partition, order_by, ..call.params };
        let plan = windowed(plan, PlanExpr::from(call).alias(RESULTS))?;
        let mut passed: Vec<PlanExpr> = Vec::new();
        let made = |id| self.is_made(scan, id);
        let columns: Vec<&Column> =
            Self::distinct(&relation.columns).filter(|column| !made(column.id)).collect();
        for column in columns {
            passed.extend(self.plan_names(column).into_iter().map(plan_column));
        }
        let results = passed.iter().cloned().chain([plan_column(RESULTS)]).collect();
        let plan = projected(plan, results)?;
        let plan = LogicalPlan::Unnest(Unnest::try_new(
            Arc::new(plan),
            vec![PlanColumn::new_unqualified(RESULTS)],
            UnnestOptions::default(),
        )?);
        let mut exprs = passed;
        for (at, (column, _)) in scan.declared.iter().enumerate() {
            let field = get_field(plan_column(RESULTS), declared_name(at));
            exprs.push(field.alias(self.name(column)));
        }
        if let Some(column) = &scan.match_id {
            exprs.push(get_field(plan_column(RESULTS), MATCH_ID).alias(self.name(column)));
        }
        if self.evidence {
            exprs.push(get_field(plan_column(RESULTS), EVIDENCE).alias(EVIDENCE));
        }
        projected(plan, exprs)
    }

    #[expect(clippy::unused_self, reason = "one of the questions that the lowering answers")]
    fn is_made(&self, scan: &StepScan, id: ColumnId) -> bool {
        let made = scan.declared.iter().map(|(column, _)| column).chain(&scan.match_id);
        made.into_iter().any(|column| column.id == id)
    }

    /// Makes the function of a scan, and its arguments: what it reads of a row.
    fn program(
        &mut self,
        relation: &Relation,
        scan: &StepScan,
    ) -> Result<(Program, Vec<PlanExpr>), Failure> {
        let declared = scan.declared.iter().map(|(column, _)| column).collect::<Vec<_>>();
        let mut arguments: Vec<Column> = Vec::new();
        let mut state = Vec::new();
        for step in &scan.steps {
            for (_, column) in &step.remembered {
                state.push(self.field(relation, column)?);
            }
        }
        for expr in scan.steps.iter().flat_map(exprs) {
            expr_columns(expr, &mut |id| {
                let known = arguments.iter().any(|column| column.id == id);
                let column = scan.input.columns.iter().find(|column| column.id == id);
                arguments.extend(column.filter(|_| !known).cloned());
            });
        }
        let mut args = Vec::with_capacity(arguments.len());
        for column in &arguments {
            args.push(self.field(relation, column)?);
        }
        let mut values: Vec<PlanExpr> =
            args.iter().map(|field| plan_column(field.name.clone())).collect();
        let mut steps = Vec::with_capacity(scan.steps.len());
        for step in &scan.steps {
            steps.push(self.step(step, &arguments, &declared)?);
        }
        let mut defaults = Vec::with_capacity(declared.len());
        for (column, default) in &scan.declared {
            let ExprKind::Literal(value) = &default.kind else {
                return Err(self.refuse_scan(relation));
            };
            let value = scalar(value).ok_or_else(|| self.refuse_scan(relation))?;
            defaults.push((self.field(relation, column)?, value));
        }
        let evidence = self.evidence.then(|| {
            values.push(plan_column(EVIDENCE));
            DataType::List(Arc::new(arrow::datatypes::Field::new_list_field(
                self.scans.evidence_type(),
                true,
            )))
        });
        let missing = self.missing_of_state(relation, scan)?;
        let is_numbered = scan.match_id.is_some();
        let program = Program::new(args, state, missing, defaults, steps, is_numbered, evidence);
        Ok((program, values))
    }

    fn step(
        &mut self,
        step: &ScanStep,
        arguments: &[Column],
        declared: &[&Column],
    ) -> Result<Step, Failure> {
        let predicate = self.value(&step.predicate)?;
        let sets = step.sets.iter().map(|set| set.as_ref().map(|set| self.value(set)).transpose());
        let sets = sets.collect::<Result<Vec<_>, _>>()?;
        let mut remembered = Vec::with_capacity(step.remembered.len());
        for (source, _) in &step.remembered {
            let ExprKind::Column(id) = source.kind else { continue };
            let of_row = arguments.iter().position(|column| column.id == id).map(Source::Argument);
            let set = declared.iter().position(|column| column.id == id).map(Source::Declared);
            remembered.extend(of_row.or(set));
        }
        Ok(Step { predicate, sets, output: step.output, remembered: Remembered(remembered) })
    }

    /// Returns what each column of the state is where there is no row.
    fn missing_of_state(
        &mut self,
        relation: &Relation,
        scan: &StepScan,
    ) -> Result<Vec<ScalarValue>, Failure> {
        let mut missing = Vec::new();
        for (source, column) in scan.steps.iter().flat_map(|step| &step.remembered) {
            let default =
                scan.declared.iter().find(|(it, _)| source.kind == ExprKind::Column(it.id));
            let value = match default.map(|(_, default)| &default.kind) {
                Some(ExprKind::Literal(value)) => scalar(value),
                _ => scalar(&kql_types::Value::missing(column.ty)),
            };
            missing.push(value.ok_or_else(|| self.refuse_scan(relation))?);
        }
        Ok(missing)
    }

    fn field(&mut self, relation: &Relation, column: &Column) -> Result<Field, Failure> {
        let ty = data_type(column.ty).ok_or_else(|| self.refuse_scan(relation))?;
        Ok(Field { name: self.name(column), ty })
    }

    fn refuse_scan(&mut self, relation: &Relation) -> Failure {
        let message = "`scan` over values of this type does not run yet".to_owned();
        self.refuse(codes::OPERATOR, relation.span, message)
    }
}

/// Yields what a step reads and computes.
fn exprs(step: &ScanStep) -> impl Iterator<Item = &Expr> {
    let remembered = step.remembered.iter().map(|(source, _)| source);
    std::iter::once(&step.predicate).chain(step.sets.iter().flatten()).chain(remembered)
}

fn expr_columns(expr: &Expr, visit: &mut dyn FnMut(ColumnId)) {
    if let ExprKind::Column(id) = expr.kind {
        visit(id);
    }
    expr.for_each_child(&mut |child| expr_columns(child, visit));
}

fn windowed(plan: LogicalPlan, function: PlanExpr) -> Result<LogicalPlan, Failure> {
    Ok(LogicalPlan::Window(PlanWindow::try_new(vec![function], Arc::new(plan))?))
}

fn projected(plan: LogicalPlan, exprs: Vec<PlanExpr>) -> Result<LogicalPlan, Failure> {
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
}
