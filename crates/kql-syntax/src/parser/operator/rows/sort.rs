//! `sort by a desc nulls last`, and `order by`

use crate::{
    ast::{OperatorKind, OrderDirection, OrderKey},
    lexer::Keyword,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn sort(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        self.expect_keyword(Keyword::By, "by", "after `sort`");
        OperatorKind::Sort { params, by: self.comma_list(ListRule::OneOrMore, Self::order_key) }
    }

    /// `a desc nulls last`
    pub(in crate::parser::operator) fn order_key(&mut self) -> OrderKey {
        let expr = self.named_expr();
        let direction = self.order_direction();
        let nulls_first = self.eat_keyword(Keyword::Nulls).and_then(|_| self.first_or_last());
        OrderKey { expr, direction, nulls_first }
    }

    /// `asc`, `desc`, `granny-asc`, `granny-desc`
    pub(in crate::parser::operator) fn order_direction(&mut self) -> Option<OrderDirection> {
        let directions = [
            (Keyword::Asc, OrderDirection::Asc),
            (Keyword::Desc, OrderDirection::Desc),
            (Keyword::GrannyAsc, OrderDirection::GrannyAsc),
            (Keyword::GrannyDesc, OrderDirection::GrannyDesc),
        ];
        let (keyword, direction) =
            directions.into_iter().find(|(keyword, _)| self.at_keyword(*keyword))?;
        self.eat_keyword(keyword);
        Some(direction)
    }

    fn first_or_last(&mut self) -> Option<bool> {
        if self.eat_keyword(Keyword::First).is_some() {
            return Some(true);
        }
        if self.eat_keyword(Keyword::Last).is_some() {
            return Some(false);
        }
        self.unexpected("`first` or `last` after `nulls`");
        None
    }
}
