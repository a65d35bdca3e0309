//! `range x from a to b step c`

use crate::{
    ast::{Expr, OperatorKind},
    lexer::Keyword,
    parser::{
        Parser,
        expression::expr::error_expr,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn range(&mut self) -> OperatorKind {
        let at = self.span();
        let name = self
            .expect_name(NameUse::Reference, "after `range`")
            .unwrap_or_else(|| missing_name(at));
        let from = Box::new(self.range_bound(Keyword::From, "from", "and the first value"));
        let to = Box::new(self.range_bound(Keyword::To, "to", "and the last value"));
        let step =
            Box::new(self.range_bound(Keyword::Step, "step", "and the distance of two values"));
        OperatorKind::Range { name, from, to, step }
    }

    fn range_bound(&mut self, keyword: Keyword, word: &str, context: &str) -> Expr {
        if self.expect_keyword(keyword, word, context) {
            self.expression()
        } else {
            error_expr(self.span())
        }
    }
}
