//! The typed tree to a DataFusion plan.
//!
//! In: a [`kql_bind::tree::Relation`] and [`Scans`], which knows where a table's rows are. Out: a
//! [`LogicalPlan`](datafusion_expr::LogicalPlan) of standard nodes, named stateless functions and
//! table scans, or the 9xx diagnostics of everything in the query that does not run yet, all at
//! once. KQL's types and conversions are decided before; DataFusion's type coercion finds nothing to
//! do. Runs nothing and reads no data.

mod aggregates;
mod codes;
mod encoding;
mod expressions;
mod functions;
mod lower;
mod operators;
mod refusals;
mod scans;
mod usage;
mod windows;

pub use crate::{
    aggregates::{
        Aggregation, accumulators, aggregations, counts_different_texts, gathers_texts,
        gathers_values,
    },
    codes::EXPLANATIONS,
    encoding::{data_type, scalar},
    functions::{Example, ScalarFunction, kernels, scalar_functions},
    lower::{LowerError, LowerOptions, NOW, lower},
    scans::{EVIDENCE, PathForm, ScanColumn, Scans},
    windows::window_functions,
};
