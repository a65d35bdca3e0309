//! Operands: literals, names, calls, parentheses, and expressions with a keyword of their own.

use super::{
    super::{Parser, bracket::Bracket, list::ListRule, name::NameUse},
    expr::error_expr,
    literal::name_expr,
};
use crate::{
    Diagnostic,
    ast::{Argument, Call, ColumnDecl, Expr, ExprKind, Name},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads an operand, and reports if there is none.
    pub(in crate::parser) fn primary(&mut self) -> Expr {
        let start = self.span();
        match self.kind() {
            TokenKind::OpenParen => return self.parenthesised(),
            TokenKind::Keyword(keyword) => {
                if let Some(expr) = self.keyword_expr(keyword) {
                    return expr;
                }
            }
            TokenKind::OpenBracket if self.wildcard_len(1) > 0 => {
                return self.bracketed_wildcard();
            }
            _ => {}
        }
        if let Some((literal, span)) = self.unsigned_literal() {
            return Expr { kind: ExprKind::Literal(literal), span };
        }
        let len = self.name_len(0, NameUse::Reference);
        if len > 0 && self.kind_at(len) == TokenKind::OpenParen {
            let kind = self.call(NameUse::Reference).map_or(ExprKind::Error, ExprKind::Call);
            return Expr { kind, span: self.span_from(start) };
        }
        if let Some(name) = self.name(NameUse::Reference) {
            return self.reference(name);
        }
        self.missing_operand()
    }

    /// Returns the reference to a name, and skips `datascope=…` after it, which says in which tier
    /// of a cluster's storage to look and so means nothing elsewhere.
    fn reference(&mut self, name: Name) -> Expr {
        if self.at_keyword(Keyword::DataScope) && self.kind_at(1) == TokenKind::Equal {
            self.bump();
            self.bump();
            if self.literal_or_word().is_none() {
                self.unexpected("a data scope");
            }
        }
        name_expr(name)
    }

    /// Returns whether the current token is a keyword that refers to a column of its name.
    pub(in crate::parser) fn at_referred_keyword(&self) -> bool {
        self.at_keyword(Keyword::Kind) || self.at_keyword(Keyword::WithSource)
    }

    fn keyword_expr(&mut self, keyword: Keyword) -> Option<Expr> {
        match keyword {
            Keyword::Datatable => Some(self.datatable()),
            Keyword::ExternalData => Some(self.external_data()),
            Keyword::ContextualTable => Some(self.contextual_table()),
            Keyword::MaterializedViewCombine => Some(self.materialized_view_combine()),
            Keyword::ToScalar | Keyword::ToTable => Some(self.query_call()),
            Keyword::Materialize if self.kind_at(1) == TokenKind::OpenParen => {
                let diagnostic = Diagnostic::error(
                    code::UNEXPECTED,
                    self.span(),
                    "`materialize` outside of a `let` statement",
                )
                .with_help("write `let name = materialize(…);` and use the name here");
                self.report(diagnostic);
                Some(self.query_call())
            }
            Keyword::TypeOf if self.kind_at(1) == TokenKind::OpenParen => Some(self.type_of()),
            Keyword::Kind | Keyword::WithSource => {
                let name = self.joined_name(1);
                Some(name_expr(name))
            }
            _ => None,
        }
    }

    fn parenthesised(&mut self) -> Expr {
        let open = self.bump().span;
        let inner = self.tabular();
        self.close(Bracket::Paren, open, None);
        Expr { kind: ExprKind::Paren(Box::new(inner)), span: self.span_from(open) }
    }

    /// `[a*]`
    fn bracketed_wildcard(&mut self) -> Expr {
        let open = self.bump().span;
        let name = self.joined_name(self.wildcard_len(0));
        self.close(Bracket::Square, open, None);
        Expr { kind: ExprKind::Wildcard(name.text), span: self.span_from(open) }
    }

    /// `toscalar(T)`, `materialize(T)`: a call whose argument is a query.
    ///
    /// `kind=nooptimization` after the name is skipped: it does not change the result.
    pub(in crate::parser) fn query_call(&mut self) -> Expr {
        let name = self.joined_name(1);
        let start = name.span;
        if self.at_keyword(Keyword::Kind) && self.kind_at(1) == TokenKind::Equal {
            self.bump();
            self.bump();
            self.bump();
        }
        let args = match self.open(Bracket::Paren, "after the function's name") {
            Some(open) => {
                let value = self.bracketed_tabular();
                self.close(Bracket::Paren, open, None);
                vec![Argument { name: None, value }]
            }
            None => Vec::new(),
        };
        let span = self.span_from(start);
        Expr { kind: ExprKind::Call(Call { name, args, span }), span }
    }

    /// `typeof(long)`, `typeof(a: long, *)`
    pub(in crate::parser) fn type_of(&mut self) -> Expr {
        let start = self.bump().span;
        let columns = match self.open(Bracket::Paren, "after `typeof`") {
            Some(open) => {
                let columns = self.type_of_columns();
                self.close(Bracket::Paren, open, Some("`,`"));
                columns
            }
            None => Vec::new(),
        };
        Expr { kind: ExprKind::TypeOf(columns), span: self.span_from(start) }
    }

    fn type_of_columns(&mut self) -> Vec<ColumnDecl> {
        if self.kind_at(1) == TokenKind::CloseParen
            && let Some(ty) = self.any_type()
        {
            let name = super::super::name::missing_name(ty.span);
            return vec![ColumnDecl { name, ty: Some(ty), default: None }];
        }
        self.comma_list(ListRule::Any, |parser| {
            if parser.at(TokenKind::Star) {
                let name = parser.joined_name(1);
                return ColumnDecl { name, ty: None, default: None };
            }
            parser.column_decl()
        })
    }

    /// Reports that there is no operand; a reserved word in its place is taken as a name.
    fn missing_operand(&mut self) -> Expr {
        let start = self.span();
        if self.is_reserved_word_as_name() {
            let name = self.reserved_name();
            return name_expr(name);
        }
        self.unexpected_as(code::EXPECTED_EXPRESSION, "an expression");
        error_expr(start)
    }
}
