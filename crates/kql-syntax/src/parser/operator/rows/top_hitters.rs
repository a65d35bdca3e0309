//! `top-hitters n of a by b`

use crate::{ast::OperatorKind, lexer::Keyword, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn top_hitters(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let count = self.boxed_expression();
        self.expect_keyword(Keyword::Of, "of", "after the number of values");
        let of = self.boxed_expression();
        let by = self.eat_keyword(Keyword::By).map(|_| self.boxed_expression());
        OperatorKind::TopHitters { params, count, of, by }
    }
}
