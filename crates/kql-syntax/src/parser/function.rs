//! Functions that a `let` defines.

use super::{
    Parser,
    bracket::Bracket,
    expression::expr::error_expr,
    list::ListRule,
    name::{NameUse, missing_name},
};
use crate::{
    ast::{
        Expr, ExprKind, FunctionBody, FunctionDecl, ParamDecl, ParamType, Statement, StatementKind,
    },
    lexer::TokenKind,
};

impl Parser<'_> {
    /// Returns whether `()`, or `(name:`, follows from `ahead` on: the parameters of a function.
    pub(super) fn function_starts(&self, ahead: usize) -> bool {
        if self.kind_at(ahead) != TokenKind::OpenParen {
            return false;
        }
        let first = ahead.saturating_add(1);
        if self.kind_at(first) == TokenKind::CloseParen {
            return true;
        }
        let len = self.name_len(first, NameUse::Declaration);
        len > 0 && self.kind_at(first.saturating_add(len)) == TokenKind::Colon
    }

    /// Reads `(params) { body }`.
    pub(super) fn function(&mut self) -> FunctionDecl {
        let start = self.span();
        let mut params = Vec::new();
        if let Some(open) = self.eat(TokenKind::OpenParen) {
            params = self.comma_list(ListRule::Any, Self::param_decl);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        let body = self.function_body();
        FunctionDecl { params, body, span: self.span_from(start) }
    }

    /// Reads `{ statements; value }`; reports if there is no brace.
    pub(super) fn function_body(&mut self) -> FunctionBody {
        let Some(open) = self.open(Bracket::Brace, "before the function's body") else {
            return FunctionBody { statements: Vec::new(), value: None };
        };
        let body = self.body(TokenKind::CloseBrace);
        self.close(Bracket::Brace, open, None);
        body
    }

    /// Reads statements up to a closing bracket; the last one, if it is an expression, is the value.
    pub(super) fn body(&mut self, close: TokenKind) -> FunctionBody {
        let mut statements =
            self.nested(|parser| parser.block_statements(Some(close))).unwrap_or_default();
        let value = match statements.pop() {
            Some(Statement { kind: StatementKind::Expr(expr), .. }) => Some(Box::new(expr)),
            Some(last) => {
                statements.push(last);
                None
            }
            None => None,
        };
        FunctionBody { statements, value }
    }

    /// Reads `name: type = default`.
    pub(super) fn param_decl(&mut self) -> ParamDecl {
        let start = self.span();
        let name = self.expect_name(NameUse::Declaration, "of a parameter");
        if name.is_none() && !self.at(TokenKind::Colon) {
            self.skip_until(|parser| parser.at(TokenKind::Comma));
        }
        let name = name.unwrap_or_else(|| missing_name(start));
        let ty = if self.expect(TokenKind::Colon, ":", "and a type after the parameter's name") {
            self.param_type()
        } else {
            ParamType::Missing
        };
        let default = self.eat(TokenKind::Equal).map(|_| Box::new(self.default_value()));
        ParamDecl { name, ty, default }
    }

    fn param_type(&mut self) -> ParamType {
        if !self.at(TokenKind::OpenParen) {
            return self.column_type().map_or(ParamType::Missing, ParamType::Scalar);
        }
        if self.kind_at(1) == TokenKind::Star {
            let open = self.bump().span;
            self.bump();
            self.close(Bracket::Paren, open, None);
            return ParamType::AnyTable;
        }
        ParamType::Table(self.row_schema("before the columns"))
    }

    fn default_value(&mut self) -> Expr {
        if let Some((literal, span)) = self.literal() {
            return Expr { kind: ExprKind::Literal(literal), span };
        }
        if let Some(name) = self.name(NameUse::Reference) {
            return super::expression::literal::name_expr(name);
        }
        self.unexpected("a literal");
        error_expr(self.span())
    }
}
