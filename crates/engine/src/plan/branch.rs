//! What each leaf of the optimised plans needs of the one pass over the input.

use std::{collections::BTreeSet, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{
        Column,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        EmptyRelation, Expr, LogicalPlan, TableScan, TableSource, utils::split_conjunction,
    },
};
use kql_datafusion::{EVIDENCE, ScanColumn};
use sources::First;

use super::raw_table::RawTable;
use crate::error::EngineError;

/// One leaf: a table, the columns it yields and the rows it wants.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The raw table's name.
    pub(crate) table: Arc<str>,
    /// The columns that projection and filter read.
    pub(crate) columns: Vec<ScanColumn>,
    /// Which of `columns` the leaf yields, in its order.
    pub(crate) projection: Vec<usize>,
    /// The filter's conjuncts, over the raw table's column names.
    pub(crate) conjuncts: Vec<Expr>,
    /// The schema of `columns`, which they are over.
    pub(crate) input: SchemaRef,
    /// How many rows suffice.
    pub(crate) fetch: Option<usize>,
    /// Which of them suffice, if the operators above take the first by a column.
    pub(crate) first: Option<First>,
    /// Whether its rows may be asked for by the times of their records, which are stored then: the query
    /// was compiled with evidence. Where nobody asks what a row rests on, such as on the right of an
    /// anti join, the leaf yields no evidence.
    pub(crate) is_timed: bool,
    /// The schema of the rows it yields.
    pub(crate) schema: SchemaRef,
    /// The schema of the leaf, by which the plan names columns.
    pub(crate) raw_schema: SchemaRef,
}

/// Collects the branches of an optimised plan, in the order in which [`replace`] will meet them.
pub(crate) fn collect(plan: &LogicalPlan, branches: &mut Vec<Branch>) -> Result<(), EngineError> {
    let is_timed = has_evidence(plan);
    let mut failure = None;
    plan.apply_with_subqueries(|node| {
        let LogicalPlan::TableScan(scan) = node else { return Ok(TreeNodeRecursion::Continue) };
        let Some(table) = raw_table(node) else { return Ok(TreeNodeRecursion::Continue) };
        match branch(table, scan, is_timed) {
            Ok(branch) => branches.push(branch),
            Err(error) => failure = Some(error),
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(EngineError::Plan)?;
    failure.map_or(Ok(()), Err)
}

/// Tells whether a plan was made of a query compiled with evidence.
pub(crate) fn has_evidence(plan: &LogicalPlan) -> bool {
    plan.schema().iter().any(|(_, field)| field.name() == EVIDENCE)
}

/// What stands in the place of a leaf when a plan runs.
pub(crate) enum LeafRows {
    /// There are none.
    None,
    /// Those of a source.
    Of(Arc<dyn TableSource>),
}

/// Replaces each raw leaf of a plan by the rows that `stored` gives for it, in the order of
/// [`collect`].
pub(crate) fn replace(
    plan: LogicalPlan,
    stored: &mut dyn FnMut() -> Option<LeafRows>,
) -> Result<LogicalPlan, EngineError> {
    plan.transform_down_with_subqueries(|node| {
        if raw_table(&node).is_none() {
            return Ok(Transformed::no(node));
        }
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        Ok(Transformed::yes(match stored() {
            Some(LeafRows::None) => LogicalPlan::EmptyRelation(EmptyRelation {
                produce_one_row: false,
                schema: scan.projected_schema,
            }),
            Some(LeafRows::Of(source)) => {
                scan.source = source;
                scan.filters.clear();
                LogicalPlan::TableScan(scan)
            }
            None => LogicalPlan::TableScan(scan),
        }))
    })
    .map(|transformed| transformed.data)
    .map_err(EngineError::Plan)
}

/// Tells whether every operator of a plan handles each row by itself. Sorting counts as that: it
/// changes no row.
pub(crate) fn is_row_local(plan: &LogicalPlan) -> bool {
    let of_itself = match plan {
        // What the user gives is no row of the input: every look sees it.
        LogicalPlan::TableScan(scan) => scan.fetch.is_none() && raw_table(plan).is_some(),
        LogicalPlan::Sort(sort) => sort.fetch.is_none(),
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::EmptyRelation(_) => true,
        _ => false,
    };
    of_itself && !has_subquery(plan) && plan.inputs().into_iter().all(is_row_local)
}

/// Tells whether an operator's own expressions ask another plan.
pub(crate) fn has_subquery(node: &LogicalPlan) -> bool {
    node.expressions().iter().any(|expr| {
        expr.exists(|e| {
            Ok(matches!(e, Expr::InSubquery(_) | Expr::Exists(_) | Expr::ScalarSubquery(_)))
        })
        .unwrap_or(true)
    })
}

/// Returns the names of the raw tables that a plan reads, in its subqueries as well.
pub(crate) fn tables_read(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    // Nothing fails here.
    let _infallible = plan.apply_with_subqueries(|node| {
        tables.extend(raw_table(node).map(|table| table.name().to_owned()));
        Ok(TreeNodeRecursion::Continue)
    });
    tables
}

/// Returns the columns that the leaves of a plan have, with the names of their tables.
pub(crate) fn columns_read(plan: &LogicalPlan) -> Vec<(String, ScanColumn)> {
    let mut columns = Vec::new();
    // Nothing fails here.
    let _infallible = plan.apply_with_subqueries(|node| {
        let table = raw_table(node).into_iter();
        let named =
            |table: &RawTable, column: &ScanColumn| (table.name().to_owned(), column.clone());
        columns.extend(table.flat_map(|it| it.columns().iter().map(|column| named(it, column))));
        Ok(TreeNodeRecursion::Continue)
    });
    columns
}

/// Returns the names of the raw tables that are leaves of a plan.
pub(crate) fn tables(plan: &LogicalPlan) -> BTreeSet<&str> {
    let own = raw_table(plan).map(RawTable::name);
    own.into_iter().chain(plan.inputs().into_iter().flat_map(tables)).collect()
}

pub(crate) fn raw_table(node: &LogicalPlan) -> Option<&RawTable> {
    let LogicalPlan::TableScan(scan) = node else { return None };
    scan.source.downcast_ref::<RawTable>()
}

fn branch(table: &RawTable, scan: &TableScan, is_timed: bool) -> Result<Branch, EngineError> {
    let all = table.columns();
    let yielded = scan.projection.clone().unwrap_or_else(|| (0..all.len()).collect());
    let schema = table.schema();
    let mut needed = yielded.clone();
    for name in scan.filters.iter().flat_map(Expr::column_refs).map(|column| &column.name) {
        needed.extend(schema.index_of(name));
    }
    needed.sort_unstable();
    needed.dedup();
    let input = Arc::new(schema.project(&needed).map_err(EngineError::Batch)?);
    let conjuncts = scan
        .filters
        .iter()
        .flat_map(split_conjunction)
        .map(|filter| unqualified(filter.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Branch {
        table: table.name().into(),
        columns: needed.iter().filter_map(|index| all.get(*index).cloned()).collect(),
        projection: yielded
            .iter()
            .filter_map(|index| needed.iter().position(|need| need == index))
            .collect(),
        conjuncts,
        input,
        fetch: scan.fetch,
        first: None,
        is_timed,
        raw_schema: Arc::clone(&schema),
        schema: Arc::new(schema.project(&yielded).map_err(EngineError::Batch)?),
    })
}

/// Drops the table's name from the columns: a reader's batch has but one.
fn unqualified(expr: Expr) -> Result<Expr, EngineError> {
    expr.transform(|node| {
        Ok(match node {
            Expr::Column(column) if column.relation.is_some() => {
                Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
            }
            other => Transformed::no(other),
        })
    })
    .map(|transformed| transformed.data)
    .map_err(EngineError::Plan)
}
