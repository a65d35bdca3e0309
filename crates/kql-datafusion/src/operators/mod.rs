//! Tabular operators: one relation of the tree, one file.

mod aggregate;
mod expand;
mod external;
mod join;
mod order;
mod project;
mod scan;
mod sort;
mod step_scan;
mod union;
mod values;
mod window;

use datafusion_common::ScalarValue;
use datafusion_expr::{Filter, LogicalPlan, LogicalPlanBuilder};
use kql_bind::{
    catalog::MISSING,
    tree::{Expr, ExprKind, Relation, RelationKind},
};
use kql_syntax::Span;
use kql_types::Value;

use crate::{
    codes,
    lower::{Failure, Lowering},
    refusals::refusal,
};

impl Lowering<'_> {
    /// Lowers a relation to a plan that delivers its columns, and what is read of them by paths.
    pub(crate) fn relation(&mut self, relation: &Relation) -> Result<LogicalPlan, Failure> {
        stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || self.relation_within(relation))
    }

    fn relation_within(&mut self, relation: &Relation) -> Result<LogicalPlan, Failure> {
        let passes_order_on = matches!(
            relation.kind,
            RelationKind::Filter { .. }
                | RelationKind::Project { .. }
                | RelationKind::Take { .. }
                | RelationKind::Sort { .. }
                | RelationKind::Expand(_)
                | RelationKind::Window(_)
        );
        let keeps_order = self.keeps_order && passes_order_on;
        let outer = std::mem::replace(&mut self.keeps_order, keeps_order);
        let plan = self.relation_of_kind(relation);
        self.keeps_order = outer;
        plan
    }

    fn relation_of_kind(&mut self, relation: &Relation) -> Result<LogicalPlan, Failure> {
        match &relation.kind {
            RelationKind::Scan { table } => self.scan(table, relation),
            RelationKind::OneRow => self.one_row(relation),
            RelationKind::Values { rows } => self.values(relation, rows),
            RelationKind::Range { from, to, step } => self.range(relation, [from, to, step]),
            RelationKind::Filter { input, predicate } => {
                if let Some(moved) = join::filter_before_choice(input, predicate) {
                    return self.relation(&moved);
                }
                let plan = self.relation(input);
                let predicate = self.condition(predicate)?;
                Ok(LogicalPlan::Filter(Filter::try_new(predicate, plan?.into())?))
            }
            RelationKind::Project { input, exprs } => self.project(relation, input, exprs),
            RelationKind::Aggregate { input, keys, aggregates } => {
                self.aggregate(relation, input, keys, aggregates)
            }
            RelationKind::Sort { input, keys } => self.sort(input, keys),
            RelationKind::Take { input, count } => self.take(input, count),
            RelationKind::Union { inputs } => self.union(relation, inputs),
            RelationKind::Join(join) => self.join(relation, join),
            RelationKind::Expand(expand) => self.expand(relation, expand),
            RelationKind::Window(window) => self.window(window),
            RelationKind::StepScan(scan) => self.step_scan(relation, scan),
            RelationKind::Graph(_) => {
                let message = "a graph is not rows: `graph-to-table` makes them of it".to_owned();
                Err(self.refuse(codes::OPERATOR, relation.span, message))
            }
            RelationKind::External(external) => self.external(relation, external),
            RelationKind::Shared { input, .. } => self.shared(relation, input),
            RelationKind::Opaque { what, inputs, .. } => {
                Err(self.opaque(what, inputs, relation.span))
            }
        }
    }

    /// Refuses an operator, and what else does not run before it.
    fn opaque(&mut self, what: &str, inputs: &[Relation], span: Span) -> Failure {
        if let Some(whose) = what.strip_prefix(MISSING) {
            return self.refuse(codes::DATA, span, format!("{whose} is not given"));
        }
        // An operator on rows whose columns are not known may be one that runs.
        let is_unknown = inputs.iter().any(has_unknown_columns);
        for input in inputs {
            drop(self.relation(input));
        }
        if is_unknown {
            return Failure::Refused;
        }
        self.refuse(codes::OPERATOR, span, refusal("", what))
    }

    /// Lowers `take`; how many rows has to be a constant.
    fn take(&mut self, input: &Relation, count: &Expr) -> Result<LogicalPlan, Failure> {
        let plan = self.relation(input);
        let ExprKind::Literal(Value::Long(Some(count))) = &count.kind else {
            let message = "a number of rows that is not a constant does not run yet".to_owned();
            return Err(self.refuse(codes::OPERATOR, count.span, message));
        };
        let count = usize::try_from(*count).unwrap_or_default();
        Ok(LogicalPlanBuilder::from(plan?).limit(0, Some(count))?.build()?)
    }

    /// Makes the empty list of records of rows that no table has.
    pub(super) fn no_evidence(&self) -> datafusion_expr::Expr {
        let list = ScalarValue::new_list(&[], &self.scans.evidence_type(), true);
        datafusion_expr::lit(ScalarValue::List(list))
    }
}

/// Tells whether a relation's columns are not known: data is missing, or they depend on data.
fn has_unknown_columns(relation: &Relation) -> bool {
    match &relation.kind {
        RelationKind::Opaque { what, inputs, open_schema } => {
            *open_schema || what.starts_with(MISSING) || inputs.iter().any(has_unknown_columns)
        }
        RelationKind::Filter { input, .. }
        | RelationKind::Sort { input, .. }
        | RelationKind::Take { input, .. } => has_unknown_columns(input),
        RelationKind::Shared { input, .. } => has_unknown_columns(input),
        _ => false,
    }
}
