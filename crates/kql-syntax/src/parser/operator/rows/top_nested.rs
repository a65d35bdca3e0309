//! `top-nested n of a with others="x" by count(), top-nested …`

use crate::{
    ast::{Expr, OperatorKind, TopNestedClause},
    lexer::{Keyword, TokenKind},
    parser::Parser,
};

impl Parser<'_> {
    /// Reads the levels; the keyword of the first has been read.
    pub(in crate::parser::operator) fn top_nested(&mut self) -> OperatorKind {
        let mut levels = vec![self.beside(Self::top_nested_level)];
        while self.eat(TokenKind::Comma).is_some() {
            if self.eat_keyword(Keyword::TopNested).is_none() {
                self.unexpected("`top-nested` after the comma");
                break;
            }
            levels.push(self.beside(Self::top_nested_level));
        }
        OperatorKind::TopNested(levels)
    }

    fn top_nested_level(&mut self) -> TopNestedClause {
        let count = (!self.at_keyword(Keyword::Of)).then(|| self.expression());
        self.expect_keyword(Keyword::Of, "of", "after the number of values");
        let of = self.named_expr();
        let others = self.eat_keyword(Keyword::With).map(|_| self.others());
        self.expect_keyword(Keyword::By, "by", "and an aggregate");
        TopNestedClause { count, of, others, by: self.order_key() }
    }

    /// `others = "x"`
    fn others(&mut self) -> Expr {
        self.expect_keyword(Keyword::Others, "others", "after `with`");
        self.expect(TokenKind::Equal, "=", "after `others`");
        self.expression()
    }
}
