//! `search`: rows of many tables in which a text or a predicate is found.
//!
//! Source: <https://learn.microsoft.com/kusto/query/search-operator>: a text alone is looked for by
//! `has` in all columns, one with `*` at its ends by `hasprefix`, `hassuffix` or `contains`. One with `*` within is
//! refused: whether the pattern that it stands for heeds case is not documented; so is `*` behind `:`.

use kql_syntax::{
    Span,
    ast::{self, ExprKind, Literal, MatchOp},
};
use kql_types::KqlType;

use super::{
    super::{
        parameter,
        parts::{build::filtered, item::unparenthesised},
        word,
    },
    table_list::Leg,
};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::{Expr, ExprKind as Kind, Relation},
};

impl Binder<'_> {
    /// Binds `search`, over the piped rows, the tables listed, or all tables.
    pub(in crate::operators) fn bind_search(
        &mut self,
        piped: Option<Leg>,
        clauses: &Clauses<'_>,
        span: Span,
    ) -> Relation {
        let Clauses { params, tables, predicate } = *clauses;
        let kind = parameter(params, "kind").and_then(word);
        let case = if kind == Some("case_sensitive") { Case::Counts } else { Case::DoesNot };
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
        let test = self.bind_search_term(predicate, case, Scope::over(&row));
        if !is_known(predicate, case) {
            let (columns, is_open) = (rows.columns.clone(), rows.has_open_schema());
            return opaque("this form of search", vec![rows], columns, is_open, span);
        }
        match test {
            Some(test) => filtered(rows, test, span),
            None => rows,
        }
    }

    /// Binds a predicate in which a text alone is looked for in all columns.
    fn bind_search_term(&mut self, term: &ast::Expr, case: Case, scope: Scope<'_>) -> Option<Expr> {
        let term = unparenthesised(term);
        match &term.kind {
            ExprKind::Wildcard(pattern) | ExprKind::Literal(Literal::String(pattern))
                if pattern == "*" =>
            {
                Some(crate::binder::literal(kql_types::Value::Bool(Some(true)), term.span))
            }
            ExprKind::Literal(Literal::String(pattern)) => {
                let (op, text) = sought(pattern, case)?;
                let kind = ExprKind::Literal(Literal::String(text.to_owned()));
                let text = ast::Expr { kind, span: term.span };
                self.bind_star_match(op, &text, term.span, scope)
            }
            ExprKind::Logical { op, operands } => {
                let bound: Vec<Option<Expr>> =
                    operands.iter().map(|term| self.bind_search_term(term, case, scope)).collect();
                let operands = bound.into_iter().collect::<Option<Vec<Expr>>>()?;
                let kind = Kind::Logical { op: *op, operands };
                Some(Expr { kind, ty: KqlType::Bool, span: term.span })
            }
            _ => self.bind_predicate(term, scope),
        }
    }
}

/// The clauses of the operator.
#[derive(Clone, Copy)]
pub(in crate::operators) struct Clauses<'a> {
    pub(in crate::operators) params: &'a [ast::Param],
    /// The tables after `in`.
    pub(in crate::operators) tables: &'a [ast::Expr],
    pub(in crate::operators) predicate: &'a ast::Expr,
}

/// Whether upper and lower case are different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Counts,
    DoesNot,
}

/// Returns the operator that a term stands for, and the text that it looks for.
fn sought(term: &str, case: Case) -> Option<(MatchOp, &str)> {
    use MatchOp::{
        Contains, ContainsCs, Has, HasCs, HasPrefix, HasPrefixCs, HasSuffix, HasSuffixCs,
    };

    let (start, end) = (term.strip_prefix('*'), term.strip_suffix('*'));
    let within = start.and_then(|it| it.strip_suffix('*'));
    let (text, ops) = match (within, start, end) {
        (Some(text), ..) => (text, (Contains, ContainsCs)),
        (None, Some(text), _) => (text, (HasSuffix, HasSuffixCs)),
        (None, None, Some(text)) => (text, (HasPrefix, HasPrefixCs)),
        (None, None, None) => (term, (Has, HasCs)),
    };
    let op = if case == Case::Counts { ops.1 } else { ops.0 };
    (!text.contains('*')).then_some((op, text))
}

/// Tells whether all of a predicate is known to mean what it is bound to.
fn is_known(term: &ast::Expr, case: Case) -> bool {
    match &unparenthesised(term).kind {
        ExprKind::Literal(Literal::String(pattern)) => {
            pattern == "*" || sought(pattern, case).is_some()
        }
        ExprKind::Logical { operands, .. } => operands.iter().all(|it| is_known(it, case)),
        ExprKind::Wildcard(_) => true,
        // `==` and the like heed case anyway; a string operator would have to.
        ExprKind::Binary { .. } => true,
        ExprKind::Match { op: MatchOp::Has, op_span, right, .. } if case == Case::DoesNot => {
            let is_colon = op_span.end.checked_sub(op_span.start) == Some(1);
            let has_star = matches!(&right.kind, ExprKind::Literal(Literal::String(text)) if text.contains('*'));
            !(is_colon && has_star)
        }
        _ => case == Case::DoesNot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_say_where_a_term_is_looked_for() {
        let found = ["err", "err*", "*err", "*err*", "*"].map(|term| sought(term, Case::DoesNot));
        let expected = [
            (MatchOp::Has, "err"),
            (MatchOp::HasPrefix, "err"),
            (MatchOp::HasSuffix, "err"),
            (MatchOp::Contains, "err"),
            (MatchOp::HasSuffix, ""),
        ];
        assert_eq!(found, expected.map(Some));
        assert_eq!(sought("Lab*PC", Case::DoesNot), None);
        assert_eq!(sought("*b*c", Case::DoesNot), None);
        assert_eq!(sought("err*", Case::Counts), Some((MatchOp::HasPrefixCs, "err")));
    }
}
