//! What follows an operand: `.name`, `[index]`, `(arguments)`.

use super::{
    super::{Parser, bracket::Bracket, list::ListRule, name::NameUse},
    expr::error_expr,
    literal::name_expr,
};
use crate::{
    ast::{Argument, Assignment, Call, Expr, ExprKind},
    code,
    lexer::TokenKind,
};

impl Parser<'_> {
    /// Reads an operand and its members, indices and calls.
    pub(in crate::parser) fn path(&mut self) -> Expr {
        let mut base = self.primary();
        loop {
            base = match self.kind() {
                TokenKind::Dot => self.after_dot(base),
                TokenKind::OpenBracket => self.index(base),
                _ => return base,
            };
            self.grow_tree();
        }
    }

    /// Reads a column and its members and indices, where a parenthesis after it starts something
    /// else: `partition by a.b (…)`.
    pub(in crate::parser) fn column_path(&mut self) -> Expr {
        let start = self.span();
        let mut base = self
            .expect_name(NameUse::Reference, "of a column")
            .map_or_else(|| error_expr(start), name_expr);
        loop {
            let after_dot = self.eat(TokenKind::Dot).is_some();
            base = if self.at(TokenKind::OpenBracket) {
                self.index(base)
            } else if after_dot {
                self.member(base)
            } else {
                return base;
            };
            self.grow_tree();
        }
    }

    fn after_dot(&mut self, base: Expr) -> Expr {
        self.bump();
        let start = base.span;
        let len = self.name_len(0, NameUse::Reference);
        if len > 0 && self.kind_at(len) == TokenKind::OpenParen {
            let call = self.call(NameUse::Reference);
            let kind = match call {
                Some(call) => ExprKind::MethodCall { base: Box::new(base), call },
                None => ExprKind::Error,
            };
            return Expr { kind, span: self.span_from(start) };
        }
        if len == 0 && self.at(TokenKind::OpenBracket) {
            return self.index(base);
        }
        self.member(base)
    }

    /// Reads a table: a name, perhaps with wildcards or after `database(…).`, or a call.
    pub(in crate::parser) fn table_path(&mut self) -> Expr {
        let is_table = self.name_len(0, NameUse::Reference) > 0
            || self.at_referred_keyword()
            || self.at(TokenKind::OpenBracket);
        if !is_table {
            self.unexpected_as(code::EXPECTED_EXPRESSION, "a table");
            return error_expr(self.span());
        }
        let mut base = self.primary();
        loop {
            let wildcard = if self.at(TokenKind::Dot) { self.wildcard_len(1) } else { 0 };
            base = match self.kind() {
                TokenKind::Dot if wildcard > 0 => {
                    self.bump();
                    let name = self.joined_name(wildcard);
                    let span = base.span.to(name.span);
                    Expr { kind: ExprKind::Member { base: Box::new(base), name }, span }
                }
                TokenKind::Dot => self.after_dot(base),
                TokenKind::OpenBracket => self.index(base),
                _ => return base,
            };
            self.grow_tree();
        }
    }

    fn member(&mut self, base: Expr) -> Expr {
        let start = base.span;
        let name = if self.at_referred_keyword() {
            Some(self.joined_name(1))
        } else {
            self.expect_name(NameUse::Reference, "after `.`")
        };
        let Some(name) = name else { return base };
        let kind = ExprKind::Member { base: Box::new(base), name };
        Expr { kind, span: self.span_from(start) }
    }

    fn index(&mut self, base: Expr) -> Expr {
        let start = base.span;
        let open = self.bump().span;
        let index = self.boxed_expression();
        self.close(Bracket::Square, open, None);
        let kind = ExprKind::Index { base: Box::new(base), index };
        Expr { kind, span: self.span_from(start) }
    }

    /// Reads a function's name and arguments; the caller has seen both.
    pub(in crate::parser) fn call(&mut self, use_: NameUse) -> Option<Call> {
        let name = self.name(use_)?;
        let args = self.arguments();
        Some(Call { span: self.span_from(name.span), name, args })
    }

    /// Reads `(a, b = c, *)`; reports if there is no parenthesis.
    pub(in crate::parser) fn arguments(&mut self) -> Vec<Argument> {
        let Some(open) = self.open(Bracket::Paren, "after the function's name") else {
            return Vec::new();
        };
        let args = self.comma_list(ListRule::Any, Self::argument);
        self.close(Bracket::Paren, open, Some("`,`"));
        args
    }

    fn argument(&mut self) -> Argument {
        if self.at(TokenKind::Star)
            && matches!(self.kind_at(1), TokenKind::Comma | TokenKind::CloseParen)
        {
            let span = self.bump().span;
            return Argument {
                name: None,
                value: Expr { kind: ExprKind::Wildcard("*".to_owned()), span },
            };
        }
        let start = self.span();
        let named = self.named_expr();
        match named.name {
            Assignment::None => Argument { name: None, value: named.value },
            Assignment::Name(name) => Argument { name: Some(name), value: named.value },
            Assignment::Names(_) => {
                self.report_names_as_argument(start);
                Argument { name: None, value: named.value }
            }
        }
    }
}
