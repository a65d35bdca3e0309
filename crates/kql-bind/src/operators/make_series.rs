//! `make-series`

use std::cell::RefCell;

use kql_syntax::{
    Span,
    ast::{self, MakeSeriesAxis, NamedExpr},
};
use kql_types::KqlType;

use super::{
    item::{Item, ItemName},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    scalar::result_name,
    tree::Relation,
};

impl Binder<'_> {
    /// Makes series: the keys, an array for each aggregate, and the array of the axis.
    pub(super) fn bind_make_series(
        &mut self,
        rows: Relation,
        aggregates: &[(NamedExpr, Option<ast::Expr>)],
        axis: &MakeSeriesAxis,
        by: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut series = Projection::new(span);
        for item in self.bind_items(by, Scope::over(&row)) {
            series.add(self, item);
        }
        let (columns, keys) = series.into_parts();
        let mut series = Projection::new(span);
        for (column, key) in columns.iter().zip(&keys) {
            series.append_declared(column.clone(), key.clone());
        }
        let key_names = self.key_names(by, &row, &keys);
        let found = RefCell::new(Vec::new());
        for (aggregate, default) in aggregates {
            let items =
                self.bind_aggregates(std::slice::from_ref(aggregate), &row, &key_names, &found);
            for item in items {
                series.add(self, array(item));
            }
            if let Some(default) = default {
                self.bind_scalar(default, Scope::default());
            }
        }
        self.bind_axis(axis, &row, &mut series, span);
        let is_open = rows.has_open_schema() && keys.is_empty() && aggregates.is_empty();
        opaque("make-series", vec![rows], series.into_parts().0, is_open, span)
    }

    fn bind_axis(
        &mut self,
        axis: &MakeSeriesAxis,
        row: &Row<'_>,
        series: &mut Projection,
        span: Span,
    ) {
        self.bind_scalar(&axis.on.value, Scope::over(row));
        for limit in axis.from.iter().chain(&axis.to).chain([&axis.step]) {
            self.bind_scalar(limit, Scope::default());
        }
        let name = match &axis.on.name {
            ast::Assignment::Name(name) => ItemName::Declared(name.text.clone()),
            _ => result_name(self, &axis.on.value, Some(row), false)
                .map_or(ItemName::Fresh, ItemName::Inferred),
        };
        series.add(self, array(Item { name, value: None, span }));
    }
}

/// Returns the column of arrays that a value per step becomes.
fn array(item: Item) -> Item {
    let missing = kql_types::Value::missing(KqlType::Dynamic);
    Item { value: Some(crate::binder::literal(missing, item.span)), ..item }
}
