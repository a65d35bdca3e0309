//! `partition by a (operators)`, and `__partitionby`

use crate::{
    ast::{FunctionBody, Name, OperatorKind, Param, PartitionBody},
    lexer::{Keyword, TokenKind},
    parser::{Parser, bracket::Bracket},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn partition(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        self.expect_keyword(Keyword::By, "by", "after `partition`");
        let by = Box::new(self.column_path());
        let scope = self
            .eat_keyword(Keyword::Match(crate::ast::MatchOp::In))
            .map(|_| Box::new(self.path()));
        let body = match self.eat(TokenKind::OpenBrace) {
            Some(open) => {
                let value = Some(Box::new(self.bracketed_tabular()));
                self.close(Bracket::Brace, open, None);
                PartitionBody::Query(Box::new(FunctionBody { statements: Vec::new(), value }))
            }
            None => PartitionBody::Operators(Box::new(self.parenthesised_operators())),
        };
        OperatorKind::Partition { params, by, scope, body }
    }

    pub(in crate::parser::operator) fn partition_by(&mut self) -> OperatorKind {
        let mut params = self.params(&[]);
        let by = Box::new(self.column_path());
        if self.at_keyword(Keyword::Id) {
            params.push(self.partition_id());
        }
        let body = Box::new(self.parenthesised_operators());
        OperatorKind::PartitionBy { params, by, body }
    }

    /// `id value`, as a parameter
    fn partition_id(&mut self) -> Param {
        let name: Name = self.joined_name(1);
        self.param_value(name)
    }
}
