//! `reduce by a with threshold=0.1`

use crate::{
    ast::OperatorKind,
    lexer::Keyword,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn reduce(&mut self) -> OperatorKind {
        let params = self.params(&["threshold", "characters"]);
        self.expect_keyword(Keyword::By, "by", "after `reduce`");
        let by = Box::new(self.named_expr());
        let with = match self.eat_keyword(Keyword::With) {
            Some(_) => self.comma_list(ListRule::Any, Self::listed_param),
            None => Vec::new(),
        };
        OperatorKind::Reduce { params, by, with: with.into_iter().flatten().collect() }
    }
}
