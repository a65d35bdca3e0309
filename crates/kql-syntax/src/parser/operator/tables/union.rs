//! `union kind=outer T, U*`, and what stands for a table there

use crate::{
    ast::{Expr, ExprKind, Name, OperatorKind},
    lexer::TokenKind,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn union(&mut self) -> OperatorKind {
        let params = self.params(&["best_effort"]);
        let tables = self.comma_list(ListRule::OneOrMore, Self::entity);
        OperatorKind::Union { params, tables }
    }

    /// Reads a table: a name, perhaps with wildcards or after `database(…).`, a call, or an
    /// expression in parentheses.
    pub(in crate::parser) fn entity(&mut self) -> Expr {
        if self.at(TokenKind::OpenParen) {
            return self.expression();
        }
        let len = self.wildcard_len(0);
        if len > 0 {
            let Name { text, span } = self.joined_name(len);
            return Expr { kind: ExprKind::Wildcard(text), span };
        }
        self.table_path()
    }
}
