//! `fork (operators) name=(operators)`

use crate::{
    ast::{Fork, OperatorKind},
    lexer::TokenKind,
    parser::{Parser, bracket::Bracket, name::NameUse},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn fork(&mut self) -> OperatorKind {
        let mut branches = Vec::new();
        loop {
            let len = self.name_len(0, NameUse::Reference);
            let is_named = len > 0 && self.kind_at(len) == TokenKind::Equal;
            if !is_named && !(self.at(TokenKind::OpenParen)) {
                break;
            }
            let name = if is_named { self.name(NameUse::Reference) } else { None };
            self.eat(TokenKind::Equal);
            let Some(open) = self.open(Bracket::Paren, "before the operators of a branch") else {
                break;
            };
            let body = self.beside(Self::fork_body);
            self.close(Bracket::Paren, open, None);
            branches.push(Fork { name, body });
        }
        if branches.is_empty() {
            self.unexpected("`(` after `fork`");
        }
        OperatorKind::Fork(branches)
    }

    fn fork_body(&mut self) -> crate::ast::Expr {
        if self.at_operator() { self.sub_pipeline() } else { self.bracketed_tabular() }
    }
}
