//! `inline_external_table (schema) kind=storage dataformat=csv (uris)`

use crate::{
    Span,
    ast::{Expr, ExprKind, Name, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser, bracket::Bracket, expression::literal::name_expr, list::ListRule, name::NameUse,
    },
};

impl Parser<'_> {
    /// Keeps the addresses only: nothing else of it is ever run.
    pub(in crate::parser::operator) fn inline_external_table(
        &mut self,
        keyword: Span,
    ) -> OperatorKind {
        let name = Name { text: self.text_of(keyword).to_owned(), span: keyword };
        if self.at(TokenKind::OpenParen) {
            self.row_schema("before the columns");
        }
        self.params(&["dataformat"]);
        if self.eat_keyword(Keyword::Partition).is_some() {
            self.expect_keyword(Keyword::By, "by", "after `partition`");
            self.partition_columns();
        }
        if self.word() == "pathformat" {
            self.path_format();
        }
        self.params(&["dataformat"]);
        let mut args = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the addresses") {
            args = self.comma_list(ListRule::TrailingComma, Self::expression);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        self.with_properties();
        OperatorKind::Other { name, args }
    }

    /// `(d: datetime = bin(t, 1d), …)`
    fn partition_columns(&mut self) {
        let Some(open) = self.open(Bracket::Paren, "after `by`") else { return };
        self.eat(TokenKind::Comma);
        self.comma_list(ListRule::TrailingComma, |parser| {
            parser.column_decl();
            if parser.eat(TokenKind::Equal).is_some() {
                parser.expression();
            }
        });
        self.close(Bracket::Paren, open, Some("`,`"));
    }

    /// `pathformat = ("a/" d datetime_pattern("yyyy", t))`
    fn path_format(&mut self) {
        self.bump();
        self.expect(TokenKind::Equal, "=", "after `pathformat`");
        let Some(open) = self.open(Bracket::Paren, "after `=`") else { return };
        while !self.at_boundary() && self.path_part().is_some() {}
        self.close(Bracket::Paren, open, None);
    }

    fn path_part(&mut self) -> Option<Expr> {
        if let Some((literal, span)) = self.literal() {
            return Some(Expr { kind: ExprKind::Literal(literal), span });
        }
        let name = self.name(NameUse::Reference)?;
        if self.at(TokenKind::OpenParen) {
            self.arguments();
        }
        Some(name_expr(name))
    }
}
