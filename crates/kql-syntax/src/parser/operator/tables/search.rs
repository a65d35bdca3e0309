//! `search kind=case_sensitive in (T) p`

use crate::{
    ast::{Expr, ExprKind, LogicalOp, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::Parser,
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn search(&mut self) -> OperatorKind {
        let mut params = self.params(&[]);
        params.extend(self.data_scope());
        let tables = self.in_tables();
        OperatorKind::Search { params, tables, predicate: Box::new(self.search_predicate()) }
    }

    /// Any predicate, and also `*` and `* and p`.
    fn search_predicate(&mut self) -> Expr {
        let is_star_alone = self.at(TokenKind::Star)
            && matches!(
                self.kind_at(1),
                TokenKind::Keyword(Keyword::And)
                    | TokenKind::Pipe
                    | TokenKind::Semicolon
                    | TokenKind::CloseParen
                    | TokenKind::End
            );
        if !is_star_alone {
            return self.expression();
        }
        let span = self.bump().span;
        let star = Expr { kind: ExprKind::Wildcard("*".to_owned()), span };
        if self.eat_keyword(Keyword::And).is_none() {
            return star;
        }
        let operands = vec![star, self.expression()];
        let kind = ExprKind::Logical { op: LogicalOp::And, operands };
        Expr { kind, span: self.span_from(span) }
    }
}
