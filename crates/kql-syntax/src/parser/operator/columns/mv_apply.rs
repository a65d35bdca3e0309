//! `mv-apply a = b to typeof(t) on (operators)`

use crate::{
    ast::{MvExpandItem, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{Parser, expression::expr::error_expr, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn mv_apply(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let items = self.mv_apply_items();
        let limit = self.eat_keyword(Keyword::Limit).map(|_| self.boxed_expression());
        let id = self.eat_keyword(Keyword::Id).map(|_| self.boxed_expression());
        self.expect_keyword(Keyword::On, "on", "after the arrays of `mv-apply`");
        let body = Box::new(self.parenthesised_operators());
        OperatorKind::MvApply { params, items, limit, id, body }
    }

    fn mv_apply_items(&mut self) -> Vec<MvExpandItem> {
        if self.at_keyword(Keyword::To) {
            return self.typed_row();
        }
        if self.at_mv_apply_clause() {
            self.unexpected("an array");
            return Vec::new();
        }
        self.comma_list(ListRule::OneOrMore, Self::mv_expand_item)
    }

    /// `to typeof(t)` alone: the elements of the only column.
    fn typed_row(&mut self) -> Vec<MvExpandItem> {
        let expr = Self::unnamed(error_expr(self.span()));
        let to = self.element_type();
        vec![MvExpandItem { expr, to }]
    }

    /// Returns whether a clause starts here and not an array of that name.
    fn at_mv_apply_clause(&self) -> bool {
        matches!(self.kind(), TokenKind::Keyword(Keyword::Limit | Keyword::Id | Keyword::On))
            && !matches!(
                self.kind_at(1),
                TokenKind::Comma
                    | TokenKind::Equal
                    | TokenKind::Dot
                    | TokenKind::OpenBracket
                    | TokenKind::Keyword(Keyword::To | Keyword::On | Keyword::Limit | Keyword::Id)
            )
    }
}
