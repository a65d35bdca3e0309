//! `facet by a, b with (operators)`

use crate::{
    ast::{Expr, ExprKind, Operator, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{Parser, bracket::Bracket, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn facet(&mut self) -> OperatorKind {
        self.expect_keyword(Keyword::By, "by", "after `facet`");
        let by = self.comma_list(ListRule::OneOrMore, Self::column_path);
        let with = match self.eat_keyword(Keyword::With) {
            Some(_) => self.facet_operators(),
            None => Vec::new(),
        };
        OperatorKind::Facet { by, with }
    }

    fn facet_operators(&mut self) -> Vec<Operator> {
        let Some(open) = self.eat(TokenKind::OpenParen) else { return vec![self.operator()] };
        let body = self.sub_pipeline();
        self.close(Bracket::Paren, open, None);
        match body {
            Expr { kind: ExprKind::Pipeline { operators, .. }, .. } => operators,
            _ => Vec::new(),
        }
    }
}
