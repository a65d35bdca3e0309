//! `distinct a, b`, `distinct *`

use crate::{
    ast::{Expr, ExprKind, NamedExpr, OperatorKind},
    lexer::TokenKind,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn distinct(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let columns = self.comma_list(ListRule::OneOrMore, Self::distinct_column);
        OperatorKind::Distinct { params, columns }
    }

    fn distinct_column(&mut self) -> NamedExpr {
        match self.eat(TokenKind::Star) {
            Some(span) => Self::unnamed(Expr { kind: ExprKind::Wildcard("*".to_owned()), span }),
            None => self.named_expr(),
        }
    }
}
