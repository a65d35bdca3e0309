//! `top-nested`

use std::{cell::RefCell, collections::HashSet};

use kql_syntax::{
    Span,
    ast::{Assignment, TopNestedClause},
};

use super::{
    aggregate::has_name,
    item::{Item, ItemName},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Keeps the top values level by level: for each its value and its aggregate.
    pub(super) fn bind_top_nested(
        &mut self,
        rows: Relation,
        clauses: &[TopNestedClause],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut levels = Projection::new(span);
        for clause in clauses {
            self.bind_level(clause, &row, &mut levels);
        }
        opaque("top-nested", vec![rows], levels.into_parts().0, false, span)
    }

    fn bind_level(&mut self, clause: &TopNestedClause, row: &Row<'_>, levels: &mut Projection) {
        if let Some(count) = &clause.count {
            self.bind_row_count(count);
        }
        if let Some(others) = &clause.others {
            self.bind_scalar(others, Scope::default());
        }
        let mut name = String::new();
        for item in self.bind_items(std::slice::from_ref(&clause.of), Scope::over(row)) {
            name = match &item.name {
                ItemName::Declared(name) | ItemName::Reference(name) | ItemName::Inferred(name) => {
                    name.clone()
                }
                ItemName::Fresh => String::new(),
            };
            levels.add(self, distinct(item));
        }
        let found = RefCell::new(Vec::new());
        let by = std::slice::from_ref(&clause.by.expr);
        for item in self.bind_aggregates(by, row, &HashSet::new(), &found).into_iter().take(1) {
            let named = match (&clause.by.expr.name, has_name(&clause.by.expr)) {
                (Assignment::Name(name), true) => ItemName::Declared(name.text.clone()),
                _ => ItemName::Inferred(format!("aggregated_{name}")),
            };
            levels.add(self, Item { name: named, ..item });
        }
    }
}

/// Lets a column be listed at several levels.
fn distinct(item: Item) -> Item {
    let name = match item.name {
        ItemName::Reference(name) => ItemName::Inferred(name),
        name => name,
    };
    Item { name, ..item }
}
