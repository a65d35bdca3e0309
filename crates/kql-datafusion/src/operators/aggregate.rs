//! Grouping, and the aggregates.
//!
//! Source: <https://learn.microsoft.com/kusto/query/aggregation-functions>, and measured: aggregates
//! skip nulls; over no rows `count` and `sum` are 0, `avg` is NaN, arrays are `[]`, the rest null.

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_expr::{
    Aggregate as PlanAggregate, AggregateUDF, Expr as PlanExpr, LogicalPlan, Projection, SortExpr,
    expr::AggregateFunction, lit,
};
use datafusion_functions::core::expr_fn::coalesce;
use datafusion_functions_aggregate::{
    array_agg::array_agg_udaf,
    average::avg_udaf,
    count::count_udaf,
    expr_fn::array_agg,
    first_last::first_value_udaf,
    min_max::{max_udaf, min_udaf},
    stddev::stddev_udaf,
    sum::sum_udaf,
    variance::var_samp_udaf,
};
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
    fn lower_aggregate(&mut self, aggregate: &Aggregate) -> Result<Vec<Lowered>, Failure> {
        let mut args = Vec::with_capacity(aggregate.args.len());
        for arg in &aggregate.args {
            args.push(self.value(arg)?);
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.filter(filter)).transpose()?;
        lower_call(aggregate, args, filter).ok_or_else(|| {
            let message = format!("the aggregate `{}` does not run yet", aggregate.function);
            self.refuse(codes::AGGREGATE, aggregate.span, message)
        })
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

type Made = Option<Vec<Lowered>>;

fn lower_call(aggregate: &Aggregate, args: Vec<PlanExpr>, filter: Option<PlanExpr>) -> Made {
    let ty = aggregate.args.first().map(|arg| arg.ty);
    let mut args = args.into_iter();
    let one = |function: Arc<AggregateUDF>, value, filter, finish| -> Made {
        Some(vec![Lowered { aggregate: call(function, value, filter, Vec::new(), false), finish }])
    };
    match (aggregate.function, ty) {
        ("count", _) => one(count_udaf(), lit(1_i64), filter, Finish::Nothing),
        ("dcount" | "count_distinct", Some(ty)) if ty != KqlType::Dynamic => {
            let aggregate = call(count_udaf(), args.next()?, filter, Vec::new(), true);
            Some(vec![Lowered { aggregate, finish: Finish::Nothing }])
        }
        ("sum", Some(ty @ (KqlType::Int | KqlType::Long | KqlType::Timespan))) => {
            let value = widened(args.next()?, ty, KqlType::Long)?;
            let zero = Finish::Otherwise(ScalarValue::Int64(Some(0)));
            one(sum_udaf(), value, filter, zero)
        }
        ("sum", Some(KqlType::Real)) => {
            let zero = Finish::Otherwise(ScalarValue::Float64(Some(0.0)));
            one(sum_udaf(), args.next()?, filter, zero)
        }
        ("avg", Some(ty @ (KqlType::Int | KqlType::Long | KqlType::Real))) => {
            let value = convert(args.next()?, ty, KqlType::Real)?;
            let nan = Finish::Otherwise(ScalarValue::Float64(Some(f64::NAN)));
            one(avg_udaf(), value, filter, nan)
        }
        ("min" | "max", Some(ty)) if ty != KqlType::Dynamic && ty != KqlType::Real => {
            let value = args.next()?;
            let of = if aggregate.function == "min" { min_udaf() } else { max_udaf() };
            one(of, value, filter, missing(ty))
        }
        ("stdev" | "variance", Some(ty)) if ty.is_numeric() => {
            let value = convert(args.next()?, ty, KqlType::Real)?;
            let is_stdev = aggregate.function == "stdev";
            let of = if is_stdev { stddev_udaf() } else { var_samp_udaf() };
            one(of, value, filter, Finish::Otherwise(ScalarValue::Float64(Some(0.0))))
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
            one(array_agg_udaf(), json, filter, Finish::Array(kernel, limit))
        }
        ("take_any", Some(_)) => {
            Some(first_values(aggregate, args.collect(), &[], filter.as_ref()))
        }
        ("arg_max" | "arg_min", Some(_)) => {
            let args: Vec<PlanExpr> = args.collect();
            let by = args.first()?.clone();
            let order = SortExpr::new(by, aggregate.function == "arg_min", false);
            Some(first_values(aggregate, args, &[order], filter.as_ref()))
        }
        _ => None,
    }
}

/// Makes the values of one row of the group: the first, or the first in an order.
fn first_values(
    aggregate: &Aggregate,
    args: Vec<PlanExpr>,
    order: &[SortExpr],
    filter: Option<&PlanExpr>,
) -> Vec<Lowered> {
    let lowered = args.into_iter().zip(&aggregate.args).map(|(value, arg)| Lowered {
        aggregate: call(first_value_udaf(), value, filter.cloned(), order.to_vec(), false),
        finish: missing(arg.ty),
    });
    lowered.collect()
}

fn call(
    function: Arc<AggregateUDF>,
    value: PlanExpr,
    filter: Option<PlanExpr>,
    order: Vec<SortExpr>,
    is_distinct: bool,
) -> PlanExpr {
    PlanExpr::AggregateFunction(AggregateFunction::new_udf(
        function,
        vec![value],
        is_distinct,
        filter.map(Box::new),
        order,
        None,
    ))
}

fn widened(value: PlanExpr, from: KqlType, to: KqlType) -> Option<PlanExpr> {
    if from == KqlType::Timespan { Some(value) } else { convert(value, from, to) }
}

fn missing(ty: KqlType) -> Finish {
    if ty == KqlType::String { Finish::Text } else { Finish::Nothing }
}
