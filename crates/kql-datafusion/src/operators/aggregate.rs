//! Grouping, and the aggregates.
//!
//! Source: <https://learn.microsoft.com/kusto/query/aggregation-functions>, and measured: aggregates
//! skip nulls; over no rows `count` and `sum` are 0, `avg` is NaN, arrays are `[]`, the rest null.

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_expr::{
    Aggregate as PlanAggregate, Expr as PlanExpr, ExprFunctionExt, LogicalPlan, Projection, SortExpr,
    lit,
};
use datafusion_functions::core::expr_fn::coalesce;
use datafusion_functions_aggregate::expr_fn as aggregates;
use kql_bind::tree::{Aggregate, Expr, Relation};
use kql_types::KqlType;

use crate::{
    EVIDENCE, codes,
    encoding::or_empty,
    functions::{Kernel, convert, dynamic_kernels},
    lower::{Failure, Lowering, plan_column},
};

/// Elements that `make_set` and `make_list` keep if nothing else is said.
const MAX_ELEMENTS: i64 = 1_048_576;

/// An aggregate's expression over the group, and what is made of its value.
struct Lowered {
    aggregate: PlanExpr,
    finish: Finish,
}

/// What is made of an aggregate's value once the groups are known.
enum Finish {
    Nothing,
    /// A missing value's stand-in.
    Otherwise(ScalarValue),
    /// The missing text.
    Text,
    /// A JSON array of a list, up to so many elements.
    Array(&'static Kernel, PlanExpr),
}

impl Lowering<'_> {
    /// Lowers a grouping.
    pub(super) fn aggregate(
        &mut self,
        relation: &Relation,
        input: &Relation,
        keys: &[Expr],
        aggregates: &[Aggregate],
    ) -> Result<LogicalPlan, Failure> {
        let plan = self.relation(input);
        let mut groups = Vec::with_capacity(keys.len());
        let mut outputs = Vec::new();
        for (column, key) in relation.columns.iter().zip(keys) {
            let name = format!("{}!", self.name(column));
            groups.push(self.value(key)?.alias(&name));
            outputs.push(plan_column(name).alias(self.name(column)));
        }
        let mut lowered = Vec::new();
        let mut failure = None;
        for aggregate in aggregates {
            match self.lower_aggregate(aggregate) {
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
            let cited = aggregates::array_agg(plan_column(EVIDENCE)).alias("$cited");
            lowered.push(cited);
            let flat = datafusion_functions_nested::expr_fn::flatten(plan_column("$cited"));
            outputs.push(coalesce(vec![flat, self.no_evidence()?]).alias(EVIDENCE));
        }
        let grouped = PlanAggregate::try_new(Arc::new(plan?), groups, lowered)?;
        let grouped = Arc::new(LogicalPlan::Aggregate(grouped));
        Ok(LogicalPlan::Projection(Projection::try_new(outputs, grouped)?))
    }

    /// Lowers an aggregate to one expression for each of its columns.
    fn lower_aggregate(&mut self, aggregate: &Aggregate) -> Result<Vec<Lowered>, Failure> {
        let mut args = Vec::with_capacity(aggregate.args.len());
        for arg in &aggregate.args {
            args.push(self.value(arg)?);
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.filter(filter)).transpose()?;
        let made = lower_call(aggregate, args, filter);
        match made {
            Some(made) => Ok(made?),
            None => {
                let message = format!("the aggregate `{}` does not run yet", aggregate.function);
                Err(self.refuse(codes::AGGREGATE, aggregate.span, message))
            }
        }
    }
}

impl Finish {
    fn apply(self, value: PlanExpr) -> PlanExpr {
        match self {
            Self::Nothing => value,
            Self::Otherwise(other) => coalesce(vec![value, lit(other)]),
            Self::Text => or_empty(value),
            Self::Array(kernel, limit) => kernel.call(vec![value, limit]),
        }
    }
}

type Made = Option<Result<Vec<Lowered>, Failure>>;

fn lower_call(aggregate: &Aggregate, args: Vec<PlanExpr>, filter: Option<PlanExpr>) -> Made {
    let ty = aggregate.args.first().map(|arg| arg.ty);
    let mut args = args.into_iter();
    let one = |value: PlanExpr, filter: Option<PlanExpr>, finish: Finish| -> Made {
        Some(filtered(value, filter).map(|aggregate| vec![Lowered { aggregate, finish }]))
    };
    match (aggregate.function, ty) {
        ("count", _) => one(aggregates::count(lit(1_i64)), filter, Finish::Nothing),
        ("dcount" | "count_distinct", Some(ty)) if ty != KqlType::Dynamic => {
            one(aggregates::count_distinct(args.next()?), filter, Finish::Nothing)
        }
        ("sum", Some(ty @ (KqlType::Int | KqlType::Long | KqlType::Timespan))) => {
            let value = widened(args.next()?, ty, KqlType::Long)?;
            let zero = Finish::Otherwise(ScalarValue::Int64(Some(0)));
            one(aggregates::sum(value), filter, zero)
        }
        ("sum", Some(KqlType::Real)) => {
            let zero = Finish::Otherwise(ScalarValue::Float64(Some(0.0)));
            one(aggregates::sum(args.next()?), filter, zero)
        }
        ("avg", Some(ty @ (KqlType::Int | KqlType::Long | KqlType::Real))) => {
            let value = convert(args.next()?, ty, KqlType::Real)?;
            let nan = Finish::Otherwise(ScalarValue::Float64(Some(f64::NAN)));
            one(aggregates::avg(value), filter, nan)
        }
        ("min" | "max", Some(ty)) if ty != KqlType::Dynamic && ty != KqlType::Real => {
            let value = args.next()?;
            let of = if aggregate.function == "min" { aggregates::min } else { aggregates::max };
            one(of(value), filter, missing(ty))
        }
        ("stdev" | "variance", Some(ty)) if ty.is_numeric() => {
            let value = convert(args.next()?, ty, KqlType::Real)?;
            let is_stdev = aggregate.function == "stdev";
            let of = if is_stdev { aggregates::stddev } else { aggregates::var_sample };
            one(of(value), filter, Finish::Otherwise(ScalarValue::Float64(Some(0.0))))
        }
        ("make_list" | "make_set", Some(ty)) => {
            let json = convert(args.next()?, ty, KqlType::Dynamic)?;
            let is_some = json.clone().is_not_null();
            let filter = Some(match filter {
                Some(filter) => filter.and(is_some),
                None => is_some,
            });
            let limit = args.next().unwrap_or_else(|| lit(MAX_ELEMENTS));
            let kernel = if aggregate.function == "make_list" {
                &dynamic_kernels::JSON_ARRAY
            } else {
                &dynamic_kernels::JSON_SET
            };
            one(aggregates::array_agg(json), filter, Finish::Array(kernel, limit))
        }
        ("take_any", Some(_)) => first_values(aggregate, args.collect(), None, filter),
        ("arg_max" | "arg_min", Some(_)) => {
            let args: Vec<PlanExpr> = args.collect();
            let by = args.first()?.clone();
            let order = SortExpr::new(by, aggregate.function == "arg_min", false);
            first_values(aggregate, args, Some(order), filter)
        }
        _ => None,
    }
}

/// Makes the values of one row of the group: the first, or the first in an order.
fn first_values(
    aggregate: &Aggregate,
    args: Vec<PlanExpr>,
    order: Option<SortExpr>,
    filter: Option<PlanExpr>,
) -> Made {
    // A row whose key is null is no extreme.
    let key = order.as_ref().map(|order| order.expr.clone().is_not_null());
    let filter = match (filter, key) {
        (Some(filter), Some(key)) => Some(filter.and(key)),
        (filter, key) => filter.or(key),
    };
    let order: Vec<SortExpr> = order.into_iter().collect();
    let lowered = args.into_iter().zip(&aggregate.args).map(|(value, arg)| {
        let first = aggregates::first_value(value, order.clone());
        let finish = missing(arg.ty);
        filtered(first, filter.clone()).map(|aggregate| Lowered { aggregate, finish })
    });
    Some(lowered.collect())
}

fn filtered(value: PlanExpr, filter: Option<PlanExpr>) -> Result<PlanExpr, Failure> {
    match filter {
        Some(filter) => Ok(value.filter(filter).build()?),
        None => Ok(value),
    }
}

fn widened(value: PlanExpr, from: KqlType, to: KqlType) -> Option<PlanExpr> {
    if from == KqlType::Timespan { Some(value) } else { convert(value, from, to) }
}

fn missing(ty: KqlType) -> Finish {
    if ty == KqlType::String { Finish::Text } else { Finish::Nothing }
}
