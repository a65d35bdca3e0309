//! `distinct`

use kql_syntax::{Span, ast::NamedExpr};
use kql_types::KqlType;

use super::super::parts::{build::grouped, projection::Projection, wildcard};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    catalog::matches_pattern,
    codes,
    tree::{Column, Expr, Relation},
};

impl Binder<'_> {
    /// Makes one row for each combination of values; `*` stands for all columns.
    pub(in crate::operators) fn bind_distinct(
        &mut self,
        rows: Relation,
        items: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut projection = Projection::new(span);
        projection.reserve(items);
        for item in items {
            match wildcard::pattern(&item.value) {
                Some(pattern) => {
                    for column in row.columns() {
                        if matches_pattern(pattern, &column.name)
                            && !projection.contains(&column.name)
                        {
                            projection.pass_on(column);
                        }
                    }
                }
                None => {
                    for item in self.bind_items(std::slice::from_ref(item), Scope::key_over(&row)) {
                        projection.add(self, item);
                    }
                }
            }
        }
        let (columns, keys) = projection.into_parts();
        self.check_keys(&columns, &keys);
        if rows.has_open_schema() && items.iter().any(|it| wildcard::pattern(&it.value).is_some()) {
            return opaque("distinct", vec![rows], columns, true, span);
        }
        grouped(rows, columns, keys, span)
    }

    /// Reports keys that are dynamic: their values cannot be compared as a whole.
    pub(in crate::operators) fn check_keys(&mut self, columns: &[Column], keys: &[Expr]) {
        for (column, key) in columns.iter().zip(keys) {
            if key.ty == KqlType::Dynamic && !self.is_unknown(column.id) {
                let message = format!("`{}` is dynamic and cannot be grouped by", column.name);
                let help = Some("`tostring(…)` makes a string of it".to_owned());
                self.error_with_help(codes::DYNAMIC_KEY, key.span, message, help);
            }
        }
    }
}
