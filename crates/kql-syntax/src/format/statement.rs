//! Statements and functions: a line each, bodies indented between their braces.

use super::{gap::Gap, layout::Layout};
use crate::{
    Span,
    ast::{
        ExprKind, FunctionBody, FunctionDecl, LetValue, ParamDecl, Query, Statement, StatementKind,
    },
    deep_stack::with_deep_stack,
    lexer::TokenKind,
};

impl Layout<'_, '_> {
    /// Lays out a whole text.
    pub(super) fn query(&mut self, query: &Query) {
        self.statements(&query.statements);
    }

    fn statements(&mut self, statements: &[Statement]) {
        for (index, statement) in statements.iter().enumerate() {
            if index > 0
                && let Some(first) = self.first_of(statement.span)
            {
                self.gap(first, Gap::Statement);
            }
            with_deep_stack(|| self.statement(statement));
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Expr(expr) => self.expr(expr),
            StatementKind::Let { name, value } => {
                self.name(name);
                match value {
                    LetValue::Expr(expr) => self.expr(expr),
                    LetValue::Function(function) | LetValue::View(function) => {
                        self.function(function);
                    }
                }
            }
            StatementKind::Set { name, value } => {
                self.name(name);
                self.exprs(value);
            }
            StatementKind::DeclareQueryParameters(params) => {
                self.param_decls(params);
                self.call_paren_after_keywords(statement.span, 2);
            }
            StatementKind::Pattern { name, .. } => {
                self.name(name);
                self.keep_parens(statement.span);
            }
            StatementKind::Alias { name, target } => {
                self.name(name);
                self.expr(target);
            }
            StatementKind::Restrict(entities) => self.exprs(entities),
            StatementKind::Error => {}
        }
    }

    /// Takes the space away before the parenthesis that follows so many keywords.
    fn call_paren_after_keywords(&mut self, span: Span, keywords: usize) {
        if let Some(first) = self.first_of(span) {
            self.open_call(first.saturating_add(keywords));
        }
    }

    /// Keeps parentheses as close to what is before them as they are, where the tree does not tell
    /// calls from lists.
    pub(super) fn keep_parens(&mut self, span: Span) {
        let Some((first, last)) = self.tokens_of(span) else { return };
        for at in first..=last {
            let follows_word = matches!(
                self.source.kind_before(at),
                TokenKind::Identifier | TokenKind::Keyword(_)
            );
            if follows_word && self.source.kind(at) == TokenKind::OpenParen {
                self.gap_if_open(at, Gap::Keep);
            }
        }
    }

    fn function(&mut self, function: &FunctionDecl) {
        self.param_decls(&function.params);
        self.body(&function.body, function.span);
    }

    fn param_decls(&mut self, params: &[ParamDecl]) {
        for param in params {
            self.name(&param.name);
            self.exprs(param.default.as_deref());
        }
    }

    /// Lays out statements between the brackets with which a span ends.
    ///
    /// A value alone may stand on the line of its braces; what has more to it does not.
    pub(super) fn body(&mut self, body: &FunctionBody, span: Span) {
        self.statements(&body.statements);
        let Some((_, close)) = self.tokens_of(span) else { return };
        let Some(open) = self.source.partner(close).filter(|open| *open < close) else { return };
        let first = open.saturating_add(1);
        if first == close {
            return;
        }
        let is_short = body.statements.is_empty()
            && body.value.as_deref().is_none_or(|value| {
                !matches!(&value.kind, ExprKind::Pipeline { source, operators }
                    if source.is_some() || operators.len() > 1)
            });
        if let Some(value) = &body.value {
            if !body.statements.is_empty()
                && let Some(start) = self.first_of(value.span)
            {
                self.gap(start, Gap::Statement);
            }
            self.expr(value);
        }
        let gap = if is_short { Gap::Line } else { Gap::Hard };
        self.gap(first, gap);
        self.gap(close, gap);
    }
}
