//! `search`: rows of many tables in which a text or a predicate is found.
//!
//! Source: <https://learn.microsoft.com/kusto/query/search-operator>: a text alone is looked for by
//! `has` in all columns.

use kql_syntax::{
    Span,
    ast::{self, ExprKind, Literal, LogicalOp, MatchOp},
};
use kql_types::KqlType;

use super::{
    super::parts::{build::filtered, item::unparenthesised},
    table_list::Leg,
};
use crate::{
    binder::{Binder, Row, Scope},
    tree::{Expr, ExprKind as Kind, Relation},
};

impl Binder<'_> {
    /// Binds `search`, over the piped rows, the tables listed, or all tables.
    pub(in crate::operators) fn bind_search(
        &mut self,
        piped: Option<Leg>,
        tables: &[ast::Expr],
        predicate: &ast::Expr,
        span: Span,
    ) -> Relation {
        let legs = match piped {
            Some(Leg { rows, name }) => {
                let name = name.unwrap_or_else(|| "union_arg0".to_owned());
                vec![Leg { rows, name: Some(name) }]
            }
            None if tables.is_empty() => self.bind_all_tables(span),
            None => self.bind_table_list(tables, false),
        };
        let rows = self.united(legs, Some("$table"), false, span);
        let row = Row::new(rows.columns.get(1..).unwrap_or_default(), rows.has_open_schema());
        match self.bind_search_term(predicate, Scope::over(&row)) {
            Some(test) => filtered(rows, test, span),
            None => rows,
        }
    }

    /// Binds a predicate in which a text alone is looked for in all columns.
    fn bind_search_term(&mut self, term: &ast::Expr, scope: Scope<'_>) -> Option<Expr> {
        let term = unparenthesised(term);
        match &term.kind {
            ExprKind::Wildcard(pattern) | ExprKind::Literal(Literal::String(pattern))
                if pattern == "*" =>
            {
                Some(crate::binder::literal(kql_types::Value::Bool(Some(true)), term.span))
            }
            ExprKind::Literal(Literal::String(_)) => {
                self.bind_star_match(MatchOp::Has, term, term.span, scope)
            }
            ExprKind::Logical { op, operands } => self.bind_terms(*op, operands, term.span, scope),
            _ => self.bind_predicate(term, scope),
        }
    }

    fn bind_terms(
        &mut self,
        op: LogicalOp,
        terms: &[ast::Expr],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let bound: Vec<Option<Expr>> =
            terms.iter().map(|term| self.bind_search_term(term, scope)).collect();
        let operands = bound.into_iter().collect::<Option<Vec<Expr>>>()?;
        Some(Expr { kind: Kind::Logical { op, operands }, ty: KqlType::Bool, span })
    }
}
