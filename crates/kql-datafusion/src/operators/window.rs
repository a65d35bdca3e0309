//! Values that other rows decide: `prev`, `next`, `row_number` and their like.
//!
//! The order of rows is that of the sort below, whose keys come along as columns; without one, it is
//! the order of arrival. Partitions need an order of their own, so that rows without one are numbered
//! first.
//!
//! Source: <https://learn.microsoft.com/kusto/query/window-functions>

use std::{collections::HashSet, sync::Arc};

use arrow::datatypes::DataType;
use datafusion_common::{
    Column,
    tree_node::{Transformed, TreeNode},
};
use datafusion_expr::{
    Expr as PlanExpr, LogicalPlan, Operator, Projection, SortExpr, Window as PlanWindow,
    WindowFunctionDefinition, binary_expr, cast,
    expr::{WindowFunction as PlanFunction, WindowFunctionParams},
    lit,
};
use datafusion_functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion_functions_window::{
    lead_lag::{lag_udwf, lead_udwf},
    row_number::row_number_udwf,
};
use kql_bind::tree::{Expr, ExprKind, Window, WindowFunction};
use kql_types::{KqlType, Value};

use super::order::{is_carried, order_of};
use crate::{
    codes,
    encoding::scalar,
    lower::{Failure, Lowering, plan_column},
    windows,
};

/// The number of a row in the order of arrival.
const ARRIVAL: &str = "$arrival";

/// Which rows see each other, and in which order.
struct Over {
    partition: Vec<PlanExpr>,
    order: Vec<SortExpr>,
}

impl Lowering<'_> {
    /// Lowers a window.
    pub(super) fn window(&mut self, window: &Window) -> Result<LogicalPlan, Failure> {
        let keeps_order = self.keeps_order;
        let order = order_of(&window.input);
        let plan = self.relation_in_order(&window.input, keeps_order || !order.is_empty());
        let partition = window.partition.iter().map(|key| self.value(key));
        let mut over = Over { partition: partition.collect::<Result<_, _>>()?, order };
        let mut calls = Vec::with_capacity(window.functions.len());
        for function in &window.functions {
            calls.push(self.window_function(function)?);
        }
        let texts = Texts::of(&plan?)?;
        let mut plan = texts.plan.clone();
        let columns = plan.schema().columns().into_iter();
        let passed: Vec<PlanExpr> = columns
            .filter(|column| keeps_order || !is_carried(&column.name))
            .map(|column| texts.back(column))
            .collect();
        over.partition = texts.read_by(over.partition)?;
        for call in &mut calls {
            call.args = texts.read_by(std::mem::take(&mut call.args))?;
        }
        if over.order.is_empty() && !over.partition.is_empty() {
            let number = Over { partition: Vec::new(), order: Vec::new() };
            let arrival = number.apply(row_number_udwf(), Vec::new()).alias(ARRIVAL);
            plan = windowed(plan, vec![arrival])?;
            over.order = vec![SortExpr::new(plan_column(ARRIVAL), true, false)];
        }
        let mut exprs = passed;
        // Each call once: the optimiser would take equal ones out of the node, where they cannot run.
        let mut applied: Vec<PlanExpr> = Vec::with_capacity(calls.len());
        for (call, function) in calls.into_iter().zip(&window.functions) {
            let value = over.apply(call.function, call.args);
            let known = applied.iter().position(|it| *it == value);
            let number = known.unwrap_or(applied.len());
            if known.is_none() {
                applied.push(value);
            }
            let value = (call.finish)(plan_column(raw_name(number)), call.start);
            exprs.push(value.alias(self.name(&function.output)));
        }
        let applied = applied.into_iter().enumerate();
        let applied = applied.map(|(number, value)| value.alias(raw_name(number)));
        let plan = windowed(plan, applied.collect())?;
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }

    fn window_function(&mut self, function: &WindowFunction) -> Result<WindowCall, Failure> {
        let name = function.function;
        let is_plain_number = name == "row_number" && function.args.len() < 2;
        let plain =
            |function, args| WindowCall { function, args, finish: |it, _| it, start: lit(0) };
        match (name, function.args.as_slice()) {
            ("row_number", args) if is_plain_number => {
                let start = args.first().map_or(Ok(lit(1_i64)), |start| self.value(start))?;
                let finish = |number, start| {
                    let number = sum(cast(number, DataType::Int64), start);
                    sum(number, lit(-1_i64))
                };
                Ok(WindowCall {
                    function: row_number_udwf().into(),
                    args: Vec::new(),
                    finish,
                    start,
                })
            }
            ("prev" | "next", [value, rest @ ..]) => {
                let missing = Value::missing(value.ty);
                let (offset, default) = match (rest.first().map(|it| &it.kind), rest.get(1)) {
                    (None, _) => (1, Some(&missing)),
                    (Some(ExprKind::Literal(Value::Long(Some(offset)))), None) => {
                        (*offset, Some(&missing))
                    }
                    (Some(ExprKind::Literal(Value::Long(Some(offset)))), Some(default)) => {
                        (*offset, constant(default))
                    }
                    _ => (0, None),
                };
                let default = default.and_then(scalar).ok_or_else(|| {
                    let message = format!("`{name}` needs a constant offset and default to run");
                    self.refuse(codes::FUNCTION, function.span, message)
                })?;
                let shift = if name == "prev" { lag_udwf() } else { lead_udwf() };
                Ok(plain(shift.into(), vec![self.value(value)?, lit(offset), lit(default)]))
            }
            // Of all rows, whatever their order.
            ("min", [value]) => Ok(plain(min_udaf().into(), vec![self.value(value)?])),
            ("max", [value]) => Ok(plain(max_udaf().into(), vec![self.value(value)?])),
            _ => {
                let known = windows::find(name);
                let known = known.filter(|_| function.args.iter().all(|it| is_encoded(it.ty)));
                let Some(known) = known else {
                    let message = format!("function `{name}` does not run yet");
                    return Err(self.refuse(codes::FUNCTION, function.span, message));
                };
                let args = function.args.iter().map(|arg| self.value(arg));
                Ok(plain(known.into(), args.collect::<Result<_, _>>()?))
            }
        }
    }
}

/// A plan whose texts own their bytes.
///
/// A window keeps the rows that it has not finished with by appending to them, and views that are
/// appended keep all that any view before them has pointed into: the whole input, in the end. Keys
/// of the order stay as they are, or the sort below would not be known to be theirs.
struct Texts {
    plan: LogicalPlan,
    /// The columns that were views.
    names: HashSet<String>,
}

impl Texts {
    fn of(plan: &LogicalPlan) -> Result<Self, Failure> {
        let is_view = |name: &str| {
            let field = plan.schema().field_with_unqualified_name(name);
            field.is_ok_and(|field| *field.data_type() == DataType::Utf8View)
        };
        let columns = plan.schema().columns();
        let names: HashSet<String> = columns
            .iter()
            .map(|column| &column.name)
            .filter(|name| !is_carried(name) && is_view(name))
            .cloned()
            .collect();
        let exprs = columns.into_iter().map(|column| {
            if names.contains(&column.name) {
                let name = column.name.clone();
                cast(PlanExpr::Column(column), DataType::LargeUtf8).alias(name)
            } else {
                PlanExpr::Column(column)
            }
        });
        let plan = Projection::try_new(exprs.collect(), Arc::new(plan.clone()))?;
        Ok(Self { plan: LogicalPlan::Projection(plan), names })
    }

    /// Returns a column as it was.
    fn back(&self, column: Column) -> PlanExpr {
        if self.names.contains(&column.name) {
            let name = column.name.clone();
            cast(PlanExpr::Column(column), DataType::Utf8View).alias(name)
        } else {
            PlanExpr::Column(column)
        }
    }

    /// Makes expressions read the columns as they were.
    fn read_by(&self, exprs: Vec<PlanExpr>) -> Result<Vec<PlanExpr>, Failure> {
        let read = |expr: PlanExpr| {
            expr.transform_up(|expr| match expr {
                PlanExpr::Column(column) if self.names.contains(&column.name) => {
                    Ok(Transformed::yes(cast(PlanExpr::Column(column), DataType::Utf8View)))
                }
                expr => Ok(Transformed::no(expr)),
            })
        };
        let exprs = exprs.into_iter().map(|expr| Ok(read(expr)?.data));
        exprs.collect()
    }
}

/// A window function, its arguments, and what is made of its value.
struct WindowCall {
    function: WindowFunctionDefinition,
    args: Vec<PlanExpr>,
    finish: fn(PlanExpr, PlanExpr) -> PlanExpr,
    start: PlanExpr,
}

impl Over {
    fn apply(
        &self,
        function: impl Into<WindowFunctionDefinition>,
        args: Vec<PlanExpr>,
    ) -> PlanExpr {
        let mut call = PlanFunction::new(function, args);
        call.params = WindowFunctionParams {
            partition_by: self.partition.clone(),
            order_by: self.order.clone(),
            ..call.params
        };
        PlanExpr::from(call)
    }
}

fn sum(left: PlanExpr, right: PlanExpr) -> PlanExpr {
    binary_expr(left, Operator::Plus, right)
}

fn raw_name(number: usize) -> String {
    format!("$window {number}")
}

fn windowed(plan: LogicalPlan, functions: Vec<PlanExpr>) -> Result<LogicalPlan, Failure> {
    Ok(LogicalPlan::Window(PlanWindow::try_new(functions, Arc::new(plan))?))
}

fn constant(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}

/// Tells whether the functions that go through rows compute with values of a type.
fn is_encoded(ty: KqlType) -> bool {
    ty != KqlType::Decimal && crate::data_type(ty).is_some()
}
