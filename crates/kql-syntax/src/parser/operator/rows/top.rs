//! `top n by a desc`

use crate::{ast::OperatorKind, lexer::Keyword, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn top(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let count = self.boxed_expression();
        self.expect_keyword(Keyword::By, "by", "after the number of rows");
        OperatorKind::Top { params, count, by: Box::new(self.order_key()) }
    }
}
