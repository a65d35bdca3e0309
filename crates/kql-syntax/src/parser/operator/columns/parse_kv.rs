//! `parse-kv text as (a: long) with (pair_delimiter=…)`

use crate::{ast::OperatorKind, lexer::Keyword, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn parse_kv(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let source = self.boxed_expression();
        self.expect_keyword(Keyword::As, "as", "and the keys after the text");
        let columns = self.row_schema("after `as`");
        let properties = match self.eat_keyword(Keyword::With) {
            Some(_) => self.param_list("after `with`"),
            None => Vec::new(),
        };
        OperatorKind::ParseKv { params, source, columns, properties }
    }
}
