//! `summarize a = count() by k`

use crate::{
    ast::{Expr, NamedExpr, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn summarize(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let aggregates = if self.at_keyword(Keyword::By) {
            Vec::new()
        } else {
            self.comma_list(ListRule::Any, Self::named_expr)
        };
        let by = match self.eat_keyword(Keyword::By) {
            Some(_) => self.group_keys(),
            None => Vec::new(),
        };
        let bin = self.legacy_bin();
        OperatorKind::Summarize { params, aggregates, by, bin }
    }

    fn group_keys(&mut self) -> Vec<NamedExpr> {
        self.comma_list(ListRule::OneOrMore, Self::named_expr)
    }

    /// `bin=1h` after the keys
    fn legacy_bin(&mut self) -> Option<Box<Expr>> {
        if !self.at_keyword(Keyword::Bin) || self.kind_at(1) != TokenKind::Equal {
            return None;
        }
        self.bump();
        self.bump();
        Some(self.boxed_expression())
    }
}
