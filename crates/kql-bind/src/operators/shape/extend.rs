//! `extend` and `serialize`

use kql_syntax::{Span, ast::NamedExpr};

use super::super::parts::projection::Projection;
use crate::{
    binder::{Binder, Row, Scope},
    tree::Relation,
};

impl Binder<'_> {
    /// Adds columns, each from the input's; one of a name that is there replaces it in place.
    pub(in crate::operators) fn bind_extend(
        &mut self,
        rows: Relation,
        items: &[NamedExpr],
        span: Span,
    ) -> Relation {
        if items.is_empty() {
            return rows;
        }
        let row = Row::of(&rows);
        let mut items = self.bind_items(items, Scope::over(&row));
        let mut projection = Projection::extending(&rows.columns, span);
        let rows = self.lift_from_items(rows, &mut items);
        for item in items {
            projection.add(self, item);
        }
        projection.over(rows, true)
    }
}
