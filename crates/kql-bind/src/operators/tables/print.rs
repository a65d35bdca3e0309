//! `print`

use kql_syntax::{
    Span,
    ast::{Assignment, NamedExpr},
};

use super::super::parts::{
    item::{Item, ItemName},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope},
    tree::{ExprKind, Relation},
};

impl Binder<'_> {
    /// Makes one row; what is not named is `print_0`, `print_1`, … by its place.
    pub(in crate::operators) fn bind_print(&mut self, items: &[NamedExpr], span: Span) -> Relation {
        let row = Row::new(&[], false);
        let mut projection = Projection::new(span);
        projection.reserve(items);
        for (place, item) in items.iter().enumerate() {
            let mut bound = self.bind_items(std::slice::from_ref(item), Scope::over(&row));
            // Of several columns, those without a name are not shown if any has one.
            match &item.name {
                Assignment::None => {}
                Assignment::Name(_) => bound.truncate(1),
                Assignment::Names(names) => bound.truncate(names.len()),
            }
            for bound in bound {
                let name = match bound.name {
                    ItemName::Declared(_) | ItemName::OneOfSeveral(_) => bound.name,
                    _ => ItemName::Inferred(format!("print_{place}")),
                };
                projection.add(self, Item { name, ..bound });
            }
        }
        projection.over(super::super::one_row(span), false)
    }
}

/// Tells whether an expression is a literal.
pub(in crate::operators) fn is_literal(expr: &crate::tree::Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(_))
}
