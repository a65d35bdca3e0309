//! `macro-expand entity_group as x (statements)`, and entity groups

use crate::{
    ast::{Expr, ExprKind, FunctionBody, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{Parser, bracket::Bracket, list::ListRule, name::NameUse},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn macro_expand(&mut self) -> OperatorKind {
        let params = self.params(&["best_effort"]);
        let group = Box::new(self.entity_group_or_name());
        let name = self
            .eat_keyword(Keyword::As)
            .and_then(|_| self.expect_name(NameUse::Reference, "after `as`"));
        let body = match self.open(Bracket::Paren, "before the statements") {
            Some(open) => {
                let body = self.body(TokenKind::CloseParen);
                self.close(Bracket::Paren, open, None);
                body
            }
            None => FunctionBody { statements: Vec::new(), value: None },
        };
        OperatorKind::MacroExpand { params, group, name, body: Box::new(body) }
    }

    fn entity_group_or_name(&mut self) -> Expr {
        if self.at_keyword(Keyword::EntityGroup) && self.kind_at(1) == TokenKind::OpenBracket {
            self.entity_group()
        } else {
            self.entity()
        }
    }

    /// `entity_group [a, b]`
    pub(in crate::parser) fn entity_group(&mut self) -> Expr {
        let start = self.bump().span;
        let mut entities = Vec::new();
        if let Some(open) = self.open(Bracket::Square, "after `entity_group`") {
            entities = self.comma_list(ListRule::OneOrMore, Self::expression);
            self.close(Bracket::Square, open, Some("`,`"));
        }
        Expr { kind: ExprKind::EntityGroup(entities), span: self.span_from(start) }
    }
}
