//! Joins of all kinds; keys that are both null are equal.
//!
//! Source: <https://learn.microsoft.com/kusto/query/join-operator>, and measured.

use std::sync::Arc;

use datafusion_common::{Column as PlanColumn, JoinType, NullEquality};
use datafusion_expr::{
    Aggregate as PlanAggregate, Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder, Projection,
};
use datafusion_functions_aggregate::expr_fn::first_value;
use kql_bind::tree::{Column, ColumnId, Expr, ExprKind, Join, JoinKind, Relation, RelationKind};
use kql_types::KqlType;

use crate::{
    EVIDENCE,
    encoding::or_empty,
    lower::{Failure, Lowering, plan_column},
};

/// What the right side's evidence is called until it is joined to the left side's.
const RIGHT_EVIDENCE: &str = "$evidence of the right side";

impl Lowering<'_> {
    /// Lowers a join.
    pub(super) fn join(
        &mut self,
        relation: &Relation,
        join: &Join,
    ) -> Result<LogicalPlan, Failure> {
        let left = self.side(&join.left, join.on.iter().map(|(left, _)| left), "left");
        let right = self.side(&join.right, join.on.iter().map(|(_, right)| right), "right");
        let (mut left, mut right) = (left?, right?);
        if join.kind == JoinKind::InnerUnique {
            left.plan = self.first_of_each_key(&join.left, left.plan, &left.keys)?;
        }
        if self.evidence {
            right.plan = rename_evidence(right.plan)?;
        }
        let keys = (left.keys, right.keys);
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_detailed(
                right.plan,
                join_type(join.kind),
                keys,
                None,
                NullEquality::NullEqualsNull,
            )?
            .build()?;
        self.joined_columns(relation, join, plan)
    }

    /// Lowers a side and adds its keys as columns of names of their own.
    fn side<'e>(
        &mut self,
        relation: &Relation,
        keys: impl Iterator<Item = &'e Expr>,
        side: &str,
    ) -> Result<Side, Failure> {
        let plan = self.relation(relation);
        let mut exprs: Vec<PlanExpr> = Vec::new();
        for column in Self::distinct(&relation.columns) {
            exprs.extend(self.plan_names(column).into_iter().map(plan_column));
        }
        let mut names = Vec::new();
        for (number, key) in keys.enumerate() {
            let name = format!("$key {number} {side}");
            exprs.push(self.value(key)?.alias(&name));
            names.push(PlanColumn::new_unqualified(name));
        }
        if self.evidence {
            exprs.push(plan_column(EVIDENCE));
        }
        let plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan?))?);
        Ok(Side { plan, keys: names })
    }

    /// Keeps the first row for each key.
    fn first_of_each_key(
        &mut self,
        relation: &Relation,
        plan: LogicalPlan,
        keys: &[PlanColumn],
    ) -> Result<LogicalPlan, Failure> {
        let mut names: Vec<String> = Vec::new();
        for column in Self::distinct(&relation.columns) {
            names.extend(self.plan_names(column));
        }
        if self.evidence {
            names.push(EVIDENCE.to_owned());
        }
        let groups = keys.iter().map(|key| PlanExpr::Column(key.clone())).collect();
        let firsts = names
            .into_iter()
            .map(|name| first_value(plan_column(&name), Vec::new()).alias(name))
            .collect();
        Ok(LogicalPlan::Aggregate(PlanAggregate::try_new(Arc::new(plan), groups, firsts)?))
    }

    /// Gives the join's columns: where a side may be missing, its texts are `""`, never null.
    fn joined_columns(
        &mut self,
        relation: &Relation,
        join: &Join,
        plan: LogicalPlan,
    ) -> Result<LogicalPlan, Failure> {
        let (left_missing, right_missing) = match join.kind {
            JoinKind::LeftOuter => (false, true),
            JoinKind::RightOuter => (true, false),
            JoinKind::FullOuter => (true, true),
            _ => (false, false),
        };
        let is_left = |column: &Column| join.left.columns.iter().any(|it| it.id == column.id);
        let mut exprs = Vec::new();
        for column in Self::distinct(&relation.columns) {
            let may_miss = if is_left(column) { left_missing } else { right_missing };
            for name in self.plan_names(column) {
                let is_text = column.ty == KqlType::String;
                exprs.push(if may_miss && is_text {
                    or_empty(plan_column(&name)).alias(name)
                } else {
                    plan_column(name)
                });
            }
        }
        if self.evidence {
            exprs.push(self.joined_evidence(join.kind));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }

    fn joined_evidence(&self, kind: JoinKind) -> PlanExpr {
        let none = self.no_evidence();
        let coalesced = |name: &str| {
            datafusion_functions::core::expr_fn::coalesce(vec![plan_column(name), none.clone()])
        };
        match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => plan_column(EVIDENCE),
            JoinKind::RightSemi | JoinKind::RightAnti => {
                plan_column(RIGHT_EVIDENCE).alias(EVIDENCE)
            }
            _ => datafusion_functions_nested::expr_fn::array_concat(vec![
                coalesced(EVIDENCE),
                coalesced(RIGHT_EVIDENCE),
            ])
            .alias(EVIDENCE),
        }
    }
}

/// Moves a filter of the left side's columns from behind an `innerunique` join to before it, where it
/// decides from which rows the one of each key is chosen.
///
/// Source: measured, `join kind=innerunique … | where value == "second"` finds the second row.
pub(super) fn filter_before_choice(input: &Relation, predicate: &Expr) -> Option<Relation> {
    let RelationKind::Join(join) = &input.kind else { return None };
    let left: Vec<ColumnId> = join.left.columns.iter().map(|column| column.id).collect();
    if join.kind != JoinKind::InnerUnique || !reads_only(predicate, &left) {
        return None;
    }
    let mut moved = input.clone();
    if let RelationKind::Join(join) = &mut moved.kind {
        let columns = join.left.columns.clone();
        let span = join.left.span;
        let nothing = Relation { kind: RelationKind::OneRow, columns: Vec::new(), span };
        let left = std::mem::replace(&mut join.left, nothing);
        let kind = RelationKind::Filter { input: Box::new(left), predicate: predicate.clone() };
        join.left = Relation { kind, columns, span };
    }
    Some(moved)
}

fn reads_only(expr: &Expr, columns: &[ColumnId]) -> bool {
    let mut is_so = match &expr.kind {
        ExprKind::Column(id) => columns.contains(id),
        ExprKind::ToScalar(_) | ExprKind::InRelation { .. } => false,
        _ => true,
    };
    expr.for_each_child(&mut |child| is_so &= reads_only(child, columns));
    is_so
}

/// A side that is ready to be joined.
struct Side {
    plan: LogicalPlan,
    keys: Vec<PlanColumn>,
}

fn rename_evidence(plan: LogicalPlan) -> Result<LogicalPlan, Failure> {
    let columns = plan.schema().columns();
    let exprs = columns.into_iter().map(|column| {
        if column.name == EVIDENCE {
            PlanExpr::Column(column).alias(RIGHT_EVIDENCE)
        } else {
            PlanExpr::Column(column)
        }
    });
    Ok(LogicalPlan::Projection(Projection::try_new(exprs.collect(), Arc::new(plan))?))
}

const fn join_type(kind: JoinKind) -> JoinType {
    match kind {
        JoinKind::InnerUnique | JoinKind::Inner => JoinType::Inner,
        JoinKind::LeftOuter => JoinType::Left,
        JoinKind::RightOuter => JoinType::Right,
        JoinKind::FullOuter => JoinType::Full,
        JoinKind::LeftSemi => JoinType::LeftSemi,
        JoinKind::RightSemi => JoinType::RightSemi,
        JoinKind::LeftAnti => JoinType::LeftAnti,
        JoinKind::RightAnti => JoinType::RightAnti,
    }
}
