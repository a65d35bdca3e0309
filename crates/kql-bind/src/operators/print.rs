//! `print`

use kql_syntax::{Span, ast::NamedExpr};

use super::{
    item::{Item, ItemName},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope},
    tree::{ExprKind, Relation},
};

impl Binder<'_> {
    /// Makes one row; what is not named is `print_0`, `print_1`, … by its place.
    pub(super) fn bind_print(&mut self, items: &[NamedExpr], span: Span) -> Relation {
        let row = Row::new(&[], false);
        let mut projection = Projection::new(span);
        for item in items {
            for bound in self.bind_items(std::slice::from_ref(item), Scope::over(&row)) {
                let place = projection.len();
                let name = match bound.name {
                    ItemName::Declared(name) => ItemName::Declared(name),
                    _ => ItemName::Inferred(format!("print_{place}")),
                };
                projection.add(self, Item { name, ..bound });
            }
        }
        projection.over(super::one_row(span), false)
    }
}

/// Tells whether an expression is a literal.
pub(super) fn is_literal(expr: &crate::tree::Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(_))
}
