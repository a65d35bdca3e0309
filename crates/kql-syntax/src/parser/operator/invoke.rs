//! `invoke f(args)`

use crate::{
    ast::{Expr, ExprKind, OperatorKind},
    lexer::TokenKind,
    parser::{Parser, expression::expr::error_expr, name::NameUse},
};

impl Parser<'_> {
    pub(super) fn invoke(&mut self) -> OperatorKind {
        let start = self.span();
        let len = self.name_len(0, NameUse::Reference);
        if len == 0 || self.kind_at(len) != TokenKind::OpenParen {
            self.bump_name_before_error(len);
            self.unexpected("the call of a function after `invoke`");
            return OperatorKind::Invoke(Box::new(error_expr(start)));
        }
        let kind = self.call(NameUse::Reference).map_or(ExprKind::Error, ExprKind::Call);
        let mut function = Expr { kind, span: self.span_from(start) };
        while self.eat(TokenKind::Dot).is_some() {
            let Some(call) = self.call(NameUse::Reference) else {
                self.unexpected("the name of a function after `.`");
                break;
            };
            let kind = ExprKind::MethodCall { base: Box::new(function), call };
            function = Expr { kind, span: self.span_from(start) };
            self.grow_tree();
        }
        OperatorKind::Invoke(Box::new(function))
    }

    /// Reads a name without arguments, so that what is reported is that those are missing.
    fn bump_name_before_error(&mut self, len: usize) {
        for _ in 0..len {
            self.bump();
        }
    }
}
