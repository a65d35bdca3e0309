//! `mv-expand kind=array a to typeof(t) limit n`

use crate::{
    ast::{ExprKind, MvExpandItem, Name, OperatorKind},
    lexer::Keyword,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn mv_expand(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let items = self.comma_list(ListRule::OneOrMore, Self::mv_expand_item);
        let limit = self.eat_keyword(Keyword::Limit).map(|_| self.boxed_expression());
        OperatorKind::MvExpand { params, items, limit }
    }

    pub(in crate::parser::operator) fn mv_expand_item(&mut self) -> MvExpandItem {
        let expr = self.named_expr();
        MvExpandItem { expr, to: self.element_type() }
    }

    /// `to typeof(long)`: the type's name
    pub(in crate::parser::operator) fn element_type(&mut self) -> Option<Name> {
        self.eat_keyword(Keyword::To)?;
        if !self.at_keyword(Keyword::TypeOf) {
            self.unexpected("`typeof(…)` after `to`");
            return None;
        }
        match self.type_of().kind {
            ExprKind::TypeOf(columns) => columns.into_iter().next().and_then(|column| column.ty),
            _ => None,
        }
    }
}
