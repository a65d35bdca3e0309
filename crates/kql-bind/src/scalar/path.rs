//! Access into dynamic values: `a.b`, `a['b']`, `a[0]`.

use kql_syntax::{
    Span,
    ast::{self, Name},
};
use kql_types::{KqlType, Value};

use super::super::conversion::convert;
use crate::{
    binder::{Binder, Bound, Element, Row, Scope, column_expr},
    codes,
    tree::{Expr, ExprKind, PathStep},
};

impl Binder<'_> {
    /// Binds `base.name`: a property, or a table of a database.
    pub(super) fn bind_member(
        &mut self,
        expr: &ast::Expr,
        base: &ast::Expr,
        name: &Name,
        scope: Scope<'_>,
    ) -> Bound {
        if super::names::method::is_database(base) {
            return self.bind_remote_name(name, scope);
        }
        if let ast::ExprKind::Name(of) = &base.kind
            && let Some(element) = scope.row.and_then(|row| row.element(&of.text))
        {
            return Bound::Scalar(self.bind_element_column(element, name));
        }
        if let Some(call) = super::calls::pattern::called(base)
            && let Some(rows) = self.bind_pattern_call(call, Some(&name.text))
        {
            return rows;
        }
        Bound::Scalar(self.bind_scalar(base, scope).and_then(|base| {
            self.step_into(base, PathStep::Key(name.text.clone()), name.span, expr.span)
        }))
    }

    /// Binds a column of the row that a name stands for.
    fn bind_element_column(&mut self, element: &Element, name: &Name) -> Option<Expr> {
        if let Some(hops) = &element.hops {
            return self.bind_hops(&hops.edges, &name.text, name.span);
        }
        let row = Row::new(&element.columns, false);
        let column = self.bind_column(name, &row)?;
        (!self.is_unknown(column.id)).then(|| column_expr(column, name.span))
    }

    /// Binds `base[index]`.
    pub(super) fn bind_index(
        &mut self,
        base: &ast::Expr,
        index: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let base = self.bind_scalar(base, scope);
        let bound = self.bind_scalar(index, scope);
        let (base, bound) = (base?, bound?);
        let step = match (&bound.kind, bound.ty) {
            (ExprKind::Literal(Value::String(key)), _) => PathStep::Key(key.clone()),
            (ExprKind::Literal(Value::Long(Some(at))), _) => PathStep::Index(*at),
            (ExprKind::Literal(Value::Int(Some(at))), _) => PathStep::Index(i64::from(*at)),
            (_, KqlType::String | KqlType::Long) => PathStep::Computed(Box::new(bound)),
            (_, KqlType::Int) => PathStep::Computed(Box::new(convert(bound, KqlType::Long))),
            (_, KqlType::Dynamic) => PathStep::Computed(Box::new(convert(bound, KqlType::String))),
            (_, ty) => {
                let message = format!("expected a string or an integer as index, found a {ty}");
                self.error(codes::ARGUMENT_TYPE, index.span, message);
                return None;
            }
        };
        self.step_into(base, step, span, span)
    }

    fn step_into(&mut self, base: Expr, step: PathStep, at: Span, span: Span) -> Option<Expr> {
        if base.ty != KqlType::Dynamic {
            let message = format!("a {} has no properties", base.ty);
            let help = (base.ty == KqlType::String)
                .then(|| "`parse_json(…)` makes a dynamic of a string".to_owned());
            self.error_with_help(codes::NOT_DYNAMIC, at, message, help);
            return None;
        }
        let (base, steps) = match base.kind {
            ExprKind::Path { base, mut steps } => {
                steps.push(step);
                (base, steps)
            }
            _ => (Box::new(base), vec![step]),
        };
        Some(Expr { kind: ExprKind::Path { base, steps }, ty: KqlType::Dynamic, span })
    }
}
