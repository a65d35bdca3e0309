//! The typed tree: what a query means.
//!
//! Columns have identities. A column keeps its [`ColumnId`] through every operator that passes its
//! values on unchanged, renaming included; a computed column gets a new one. So `EventData.Image`,
//! wherever it stands, names the scan that has to deliver it. Lets, functions and views are already
//! put in place; `extend`, `distinct`, `count`, `top` and their like are expressed by the few
//! relations below.

mod display;
mod expr;
mod found_columns;
mod reads;
mod relation;
pub(crate) mod symbols;
mod visit;
mod walk;

use std::collections::BTreeSet;

pub use self::{
    display::display,
    expr::{Expr, ExprKind, PathStep},
    found_columns::{CallSite, Found, FoundColumns, Question},
    reads::{TableColumn, deciding_columns},
    relation::{
        Aggregate, Column, ColumnId, Expand, ExpandedArray, External, Graph, Join, JoinKind,
        Relation, RelationKind, ScanStep, SharedId, SortKey, StepOutput, StepScan, Window,
        WindowFunction,
    },
};

/// A query that has been bound.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundQuery {
    /// The results, one for each tabular statement, in order.
    pub results: Vec<Relation>,
    /// Whether the query reads `ingestion_time()`.
    pub reads_ingestion_time: bool,
    /// The patterns of names of tables in it: what they stand for may depend on the data.
    pub patterns: BTreeSet<String>,
    /// What has to be asked of the data before all columns are known.
    pub questions: Vec<Question>,
}
