//! What the whole tree reads of each scan's dynamic columns: all of a value, or paths into it.
//!
//! A column keeps its identity through every operator that passes it on, so a path over it, wherever
//! it stands, names the scan that has to deliver it. A dynamic column that is read by paths only is
//! never read as a whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kql_bind::tree::{ColumnId, Expr, ExprKind, PathStep, Relation, RelationKind};
use kql_types::KqlType;

use crate::PathForm;

/// A path and how its value is written.
pub(crate) type PathUse = (Vec<String>, PathForm);

/// What is read of the dynamic columns of scans.
#[derive(Default)]
pub(crate) struct Usage {
    scanned: HashSet<ColumnId>,
    paths: BTreeMap<ColumnId, BTreeSet<PathUse>>,
    whole: HashSet<ColumnId>,
}

impl Usage {
    /// Walks a result's tree.
    pub(crate) fn of(result: &Relation) -> Self {
        let mut usage = Self::default();
        usage.find_scans(result);
        usage.whole.extend(result.columns.iter().map(|column| column.id));
        usage.relation(result);
        usage
    }

    /// Returns the paths read of a column, in order.
    pub(crate) fn paths(&self, id: ColumnId) -> impl Iterator<Item = &PathUse> {
        self.paths.get(&id).into_iter().flatten()
    }

    /// Tells whether a column is read as it is; one that is no scan's dynamic always is.
    pub(crate) fn needs_whole(&self, id: ColumnId) -> bool {
        !self.scanned.contains(&id) || self.whole.contains(&id) || !self.paths.contains_key(&id)
    }

    /// Returns a path's keys, if the scan can follow it: keys only, from a scan's own column.
    pub(crate) fn scan_path(
        &self,
        base: &Expr,
        steps: &[PathStep],
    ) -> Option<(ColumnId, Vec<String>)> {
        let ExprKind::Column(id) = base.kind else { return None };
        let keys = steps.iter().map(|step| match step {
            PathStep::Key(key) => Some(key.clone()),
            PathStep::Index(_) | PathStep::Computed(_) => None,
        });
        let keys = keys.collect::<Option<Vec<_>>>()?;
        self.scanned.contains(&id).then_some((id, keys))
    }

    fn find_scans(&mut self, relation: &Relation) {
        if let RelationKind::Scan { .. } = relation.kind {
            let dynamic = relation.columns.iter().filter(|it| it.ty == KqlType::Dynamic);
            self.scanned.extend(dynamic.map(|column| column.id));
        }
        relation.for_each_relation(&mut |input| self.find_scans(input));
    }

    fn relation(&mut self, relation: &Relation) {
        match &relation.kind {
            // A column that is passed on is not read: what reads it does so further up.
            RelationKind::Project { exprs, .. } => {
                for expr in exprs.iter().filter(|it| !matches!(it.kind, ExprKind::Column(_))) {
                    self.expr(expr, PathForm::Dynamic);
                }
            }
            // These give columns of their own, by position.
            RelationKind::Union { inputs } => {
                let columns = inputs.iter().flat_map(|input| &input.columns);
                self.whole.extend(columns.map(|column| column.id));
            }
            RelationKind::Shared { input, .. } => {
                self.whole.extend(input.columns.iter().map(|column| column.id));
            }
            _ => relation.for_each_expr(&mut |expr| self.expr(expr, PathForm::Dynamic)),
        }
        relation.for_each_relation(&mut |input| self.relation(input));
    }

    fn expr(&mut self, expr: &Expr, form: PathForm) {
        match &expr.kind {
            ExprKind::Column(id) => {
                self.whole.insert(*id);
            }
            ExprKind::Path { base, steps } => match self.scan_path(base, steps) {
                Some((id, keys)) => {
                    self.paths.entry(id).or_default().insert((keys, form));
                }
                None => expr.for_each_child(&mut |child| self.expr(child, PathForm::Dynamic)),
            },
            ExprKind::Convert(operand) => self.expr(operand, form_for(expr.ty)),
            ExprKind::ToScalar(relation) | ExprKind::InRelation { relation, .. } => {
                let first = relation.columns.first();
                self.whole.extend(first.map(|column| column.id));
                expr.for_each_child(&mut |child| self.expr(child, PathForm::Dynamic));
            }
            _ => expr.for_each_child(&mut |child| self.expr(child, PathForm::Dynamic)),
        }
    }
}

/// Returns how a path is to be written whose value is converted to `ty`.
///
/// A text says everything that a conversion to a scalar needs: a number is what its digits say.
pub(crate) fn form_for(ty: KqlType) -> PathForm {
    match ty {
        KqlType::String
        | KqlType::Int
        | KqlType::Long
        | KqlType::Datetime
        | KqlType::Timespan
        | KqlType::Guid => PathForm::Text,
        KqlType::Bool | KqlType::Real | KqlType::Decimal | KqlType::Dynamic => PathForm::Dynamic,
    }
}
