//! `top-hitters`

use kql_syntax::{Span, ast};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Row, Scope, opaque},
    scalar::result_name,
    tree::Relation,
};

impl Binder<'_> {
    /// Keeps the most frequent values, with an approximate count or sum of weights.
    pub(super) fn bind_top_hitters(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        of: &ast::Expr,
        by: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        self.bind_row_count(count);
        let row = Row::of(&rows);
        let name = result_name(self, of, Some(&row), false).unwrap_or_default();
        let value = self.bind_scalar(of, Scope::over(&row));
        let weight = by.map(|by| {
            let name = result_name(self, by, Some(&row), false).unwrap_or_default();
            (name, self.bind_scalar(by, Scope::over(&row)))
        });
        let (column, _) = self.value_column(&name, value, span);
        let measure = match weight {
            Some((name, Some(weight))) => {
                let ty = if weight.ty == KqlType::Int { KqlType::Long } else { weight.ty };
                self.fresh_column(format!("approximate_sum_{name}"), ty)
            }
            Some((name, None)) => self.unknown_column(format!("approximate_sum_{name}")),
            None => self.fresh_column(format!("approximate_count_{name}"), KqlType::Long),
        };
        opaque("top-hitters", vec![rows], vec![column, measure], false, span)
    }
}
