//! `project`

use kql_syntax::{Span, ast::NamedExpr};

use super::super::parts::projection::Projection;
use crate::{
    binder::{Binder, Row, Scope},
    tree::Relation,
};

impl Binder<'_> {
    /// Makes the columns listed, each from the input's.
    pub(in crate::operators) fn bind_project(
        &mut self,
        rows: Relation,
        items: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut projection = Projection::new(span);
        projection.reserve(items);
        let mut items = self.bind_items(items, Scope::over(&row));
        let rows = self.lift_from_items(rows, &mut items);
        for item in items {
            projection.add(self, item);
        }
        projection.over(rows, false)
    }
}
