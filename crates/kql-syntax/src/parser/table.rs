//! Tables written out or fetched: `datatable`, `externaldata`, and rarer ones.

use super::{
    Parser,
    bracket::Bracket,
    expression::{expr::error_expr, literal::name_expr},
    list::ListRule,
    name::NameUse,
};
use crate::{
    Diagnostic,
    ast::{Assignment, Expr, ExprKind, NamedExpr, Operator, OperatorKind},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// `datatable (a: long) [1, 2]`
    pub(super) fn datatable(&mut self) -> Expr {
        let start = self.bump().span;
        self.params(&[]);
        let columns = self.row_schema("after `datatable`");
        let mut values = Vec::new();
        if let Some(open) = self.open(Bracket::Square, "before the values") {
            self.eat(TokenKind::Comma);
            values = self.comma_list(ListRule::TrailingComma, Self::datatable_value);
            self.close(Bracket::Square, open, Some("`,`"));
        }
        Expr { kind: ExprKind::Datatable { columns, values }, span: self.span_from(start) }
    }

    fn datatable_value(&mut self) -> Expr {
        if let Some((literal, span)) = self.literal() {
            return Expr { kind: ExprKind::Literal(literal), span };
        }
        if let Some(name) = self.braced_parameter() {
            return name;
        }
        let start = self.span();
        let message = format!("expected a literal, found {}", self.found());
        let diagnostic = Diagnostic::error(code::EXPECTED_LITERAL, start, message)
            .with_help("a `datatable` holds literals only; use `union` of `print` for expressions");
        self.report(diagnostic);
        self.skip_until(|parser| parser.at(TokenKind::Comma));
        error_expr(start)
    }

    fn braced_parameter(&mut self) -> Option<Expr> {
        self.at(TokenKind::OpenBrace)
            .then(|| self.name(NameUse::Reference))
            .flatten()
            .map(name_expr)
    }

    /// `externaldata (a: long) ["uri"] with (format = "csv")`
    pub(super) fn external_data(&mut self) -> Expr {
        let start = self.bump().span;
        self.params(&[]);
        let columns = self.row_schema("after `externaldata`");
        let mut uris = Vec::new();
        if let Some(open) = self.open(Bracket::Square, "before the addresses") {
            uris = self.comma_list(ListRule::TrailingComma, Self::expression);
            self.close(Bracket::Square, open, Some("`,`"));
        }
        let properties = self.with_properties();
        let kind = ExprKind::ExternalData { columns, uris, properties };
        Expr { kind, span: self.span_from(start) }
    }

    /// `with (name = value, …)`, if it follows
    pub(super) fn with_properties(&mut self) -> Vec<NamedExpr> {
        if self.eat_keyword(Keyword::With).is_none() {
            return Vec::new();
        }
        let Some(open) = self.open(Bracket::Paren, "after `with`") else { return Vec::new() };
        let properties = self.comma_list(ListRule::Any, Self::property);
        self.close(Bracket::Paren, open, Some("`,`"));
        properties.into_iter().flatten().collect()
    }

    fn property(&mut self) -> Option<NamedExpr> {
        let start = self.span();
        let name = self.expect_name(NameUse::Declaration, "of a property")?;
        self.expect(TokenKind::Equal, "=", "after the property's name");
        let value = self.literal_or_word().unwrap_or_else(|| {
            self.unexpected("a literal");
            error_expr(self.span())
        });
        Some(NamedExpr { name: Assignment::Name(name), value, span: self.span_from(start) })
    }

    /// `__contextual_datatable id (a: long)`
    pub(super) fn contextual_table(&mut self) -> Expr {
        let start = self.bump().span;
        let id = self.literal().map(|(_, span)| span);
        let name = match id {
            Some(span) => Some(crate::ast::Name { text: self.text_of(span).to_owned(), span }),
            None => self.expect_name(NameUse::Reference, "of the table"),
        };
        let columns = self.row_schema("after the table's name");
        let kind = match name {
            Some(name) => ExprKind::ContextualTable { name, columns },
            None => ExprKind::Error,
        };
        Expr { kind, span: self.span_from(start) }
    }

    /// `materialized-view-combine (name) base (…) delta (…) aggregations (…)`
    pub(super) fn materialized_view_combine(&mut self) -> Expr {
        const CLAUSES: [&str; 3] = ["base", "delta", "aggregations"];
        let name = self.joined_name(1);
        let start = name.span;
        let mut args = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the view's name") {
            args.push(self.bracketed_tabular());
            self.close(Bracket::Paren, open, None);
        }
        for clause in CLAUSES {
            if self.word() != clause {
                self.unexpected(&format!("`{clause}`"));
                break;
            }
            self.bump();
            if let Some(open) = self.open(Bracket::Paren, "after the clause") {
                let is_operator = self.at_keyword(Keyword::Summarize);
                args.push(if is_operator { self.sub_pipeline() } else { self.bracketed_tabular() });
                self.close(Bracket::Paren, open, None);
            }
        }
        let span = self.span_from(start);
        let operator = Operator { kind: OperatorKind::Other { name, args }, span };
        Expr { kind: ExprKind::Pipeline { source: None, operators: vec![operator] }, span }
    }
}
