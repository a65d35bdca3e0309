//! Aggregates: a list of what they are and how each is lowered, one idea a file.
//!
//! An aggregate becomes one expression of DataFusion's for each of its columns, and what is made of
//! its value once the groups are known ([`Finish`]).

mod avg;
mod bits;
mod count;
mod covariance;
mod dcount;
mod extremes;
mod gathered;
mod lists;
mod percentile;
mod rows;
mod schema;
mod sketches;
mod spread;
mod sum;
mod tick_mean;
mod weighted;

use std::sync::Arc;

pub(crate) use self::gathered::gathered_texts::distinct_texts;
use datafusion_common::ScalarValue;
use datafusion_expr::{AggregateUDF, Expr, SortExpr, expr::AggregateFunction, lit};
use datafusion_functions::core::expr_fn::coalesce;
use kql_types::KqlType;

use crate::{encoding::or_empty, functions::Kernel};

/// An aggregate that runs.
pub struct Aggregation {
    /// The canonical name.
    pub name: &'static str,
    /// What it returns, in one sentence.
    pub summary: &'static str,
    /// Where its behaviour is documented.
    pub source: &'static str,
    /// Makes the plan's expressions, one for each column, or `None` where there are none for
    /// arguments of these types.
    pub(crate) lower: fn(&AggregateCall) -> Option<Vec<Lowered>>,
}

/// A call of an aggregate whose arguments have been lowered.
pub(crate) struct AggregateCall {
    /// The arguments and their types.
    pub(crate) args: Vec<(Expr, KqlType)>,
    /// Rows for which it is not true are left out.
    pub(crate) filter: Option<Expr>,
    /// The order of the rows, if they have one.
    pub(crate) order: Vec<SortExpr>,
}

/// An aggregate's expression over the group, and what is made of its value.
pub(crate) struct Lowered {
    pub(crate) aggregate: Expr,
    pub(crate) finish: Finish,
}

/// What is made of an aggregate's value once the groups are known.
pub(crate) enum Finish {
    /// It stays.
    Nothing,
    /// Null gives way to another value.
    Otherwise(ScalarValue),
    /// Null gives way to the missing text.
    Text,
    /// A kernel reads it, with a further argument.
    Kernel(&'static Kernel, Expr),
}

impl Finish {
    /// Applies it to the value.
    pub(crate) fn apply(self, value: Expr) -> Expr {
        match self {
            Self::Nothing => value,
            Self::Otherwise(other) => coalesce(vec![value, lit(other)]),
            Self::Text => or_empty(value),
            Self::Kernel(kernel, argument) => kernel.call(vec![value, argument]),
        }
    }

    /// Returns what keeps strings from being null.
    fn missing(ty: KqlType) -> Self {
        if ty == KqlType::String { Self::Text } else { Self::Nothing }
    }
}

impl AggregateCall {
    fn arg(&self, index: usize) -> Option<(Expr, KqlType)> {
        self.args.get(index).cloned()
    }

    /// Applies a function of DataFusion's to values, without order.
    fn apply(&self, function: Arc<AggregateUDF>, values: Vec<Expr>) -> Expr {
        self.apply_ordered(function, values, Vec::new())
    }

    fn apply_ordered(
        &self,
        function: Arc<AggregateUDF>,
        values: Vec<Expr>,
        order: Vec<SortExpr>,
    ) -> Expr {
        let filter = self.filter.clone().map(Box::new);
        Expr::AggregateFunction(AggregateFunction::new_udf(
            function, values, false, filter, order, None,
        ))
    }

    /// Returns the call over only those rows for which `condition` is true as well.
    fn filtered(&self, condition: Expr) -> Self {
        let filter = match &self.filter {
            Some(filter) => filter.clone().and(condition),
            None => condition,
        };
        Self { args: self.args.clone(), filter: Some(filter), order: self.order.clone() }
    }
}

/// Makes an aggregate of one column.
#[expect(clippy::unnecessary_wraps, reason = "what `Aggregation::lower` returns")]
fn one(aggregate: Expr, finish: Finish) -> Option<Vec<Lowered>> {
    Some(vec![Lowered { aggregate, finish }])
}

/// The aggregates.
const AGGREGATIONS: &[Aggregation] = &[
    avg::AVG,
    bits::BINARY_ALL_AND,
    bits::BINARY_ALL_OR,
    bits::BINARY_ALL_XOR,
    count::COUNT,
    covariance::COVARIANCE,
    covariance::COVARIANCEP,
    dcount::COUNT_DISTINCT,
    dcount::DCOUNT,
    extremes::MAX,
    extremes::MIN,
    lists::MAKE_BAG,
    lists::MAKE_LIST,
    lists::MAKE_LIST_WITH_NULLS,
    lists::MAKE_SET,
    percentile::PERCENTILE,
    rows::ARG_MAX,
    rows::ARG_MIN,
    rows::TAKE_ANY,
    schema::BUILDSCHEMA,
    sketches::HLL,
    sketches::HLL_MERGE,
    sketches::TDIGEST,
    sketches::TDIGEST_MERGE,
    spread::STDEV,
    spread::STDEVP,
    spread::VARIANCE,
    spread::VARIANCEP,
    sum::SUM,
    weighted::PERCENTILES_ARRAY,
    weighted::PERCENTILESW_ARRAY,
    weighted::PERCENTILEW,
];

/// Yields every aggregate that runs.
pub fn aggregations() -> impl Iterator<Item = &'static Aggregation> {
    AGGREGATIONS.iter()
}

/// Yields every aggregate function that plans may name and that is not DataFusion's own.
pub fn accumulators() -> impl Iterator<Item = Arc<AggregateUDF>> {
    gathering().into_iter().chain([tick_mean::tick_mean()])
}

/// Tells whether what an aggregate keeps grows with its group: a list of the values.
pub fn gathers_values(function: &AggregateUDF) -> bool {
    gathering().iter().any(|it| **it == *function)
}

/// Tells whether an aggregate gathers the texts of its group.
pub fn gathers_texts(function: &AggregateUDF) -> bool {
    let [distinct_count, distinct_texts, .., all_texts] = gathering();
    [distinct_count, distinct_texts, all_texts].iter().any(|it| **it == *function)
}

/// Tells whether an aggregate counts the different texts of its group: null is none.
pub fn counts_different_texts(function: &AggregateUDF) -> bool {
    *function == *gathered::distinct_count::distinct_count()
}

fn gathering() -> [Arc<AggregateUDF>; 5] {
    [
        gathered::distinct_count::distinct_count(),
        distinct_texts(),
        gathered::gathered_numbers::all_longs(),
        gathered::gathered_numbers::all_reals(),
        gathered::gathered_texts::all_texts(),
    ]
}
