//! The order of rows, where something further up follows it: `sort by t | summarize make_list(x)`.
//!
//! Plans give rows no order of their own, so the keys of the sort are carried on as columns, through
//! filters, projections and limits, up to the aggregate that sorts by them.

use datafusion_expr::{Expr as PlanExpr, LogicalPlan, SortExpr};
use kql_bind::tree::{Relation, RelationKind, SortKey};

use crate::lower::{Failure, Lowering, plan_column};

impl Lowering<'_> {
    /// Lowers a relation whose sort, if `is_wanted`, leaves its keys as columns.
    pub(super) fn relation_in_order(
        &mut self,
        relation: &Relation,
        is_wanted: bool,
    ) -> Result<LogicalPlan, Failure> {
        let outer = std::mem::replace(&mut self.keeps_order, is_wanted);
        let plan = self.relation(relation);
        self.keeps_order = outer;
        plan
    }
}

/// Returns the order of a relation's rows by the columns that carry it; nothing if it has none.
pub(super) fn order_of(relation: &Relation) -> Vec<SortExpr> {
    let mut relation = relation;
    let mut expansions: usize = 0;
    loop {
        relation = match &relation.kind {
            RelationKind::Filter { input, .. }
            | RelationKind::Project { input, .. }
            | RelationKind::Take { input, .. } => input,
            RelationKind::Window(window) => &window.input,
            RelationKind::Expand(expand) => {
                expansions = expansions.saturating_add(1);
                &expand.input
            }
            RelationKind::Sort { keys, .. } => {
                // Elements follow one another as they do in their array.
                let elements = (keys.len()..).take(expansions);
                let elements = elements.map(|at| SortExpr::new(plan_column(name(at)), true, false));
                return sort_exprs(keys).into_iter().chain(elements).collect();
            }
            _ => return Vec::new(),
        }
    }
}

/// Sorts by the columns that carry the keys.
pub(super) fn sort_exprs(keys: &[SortKey]) -> Vec<SortExpr> {
    let keys = keys.iter().enumerate();
    let sorts = keys.map(|(number, key)| {
        SortExpr::new(plan_column(name(number)), !key.descending, key.nulls_first)
    });
    sorts.collect()
}

/// Returns what the column of a key is called.
pub(super) fn name(number: usize) -> String {
    format!("$order {number}")
}

/// Returns the columns of a plan that carry its order.
pub(super) fn carried(plan: &LogicalPlan) -> impl Iterator<Item = PlanExpr> {
    let columns = plan.schema().columns();
    columns.into_iter().filter(|it| is_carried(&it.name)).map(PlanExpr::Column)
}

/// Tells whether a column of a plan carries its order.
pub(super) fn is_carried(name: &str) -> bool {
    name.starts_with("$order ")
}
