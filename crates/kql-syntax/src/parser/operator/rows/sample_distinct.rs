//! `sample-distinct n of a`

use crate::{ast::OperatorKind, lexer::Keyword, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn sample_distinct(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let count = self.boxed_expression();
        self.expect_keyword(Keyword::Of, "of", "after the number of values");
        OperatorKind::SampleDistinct { params, count, of: self.boxed_expression() }
    }
}
