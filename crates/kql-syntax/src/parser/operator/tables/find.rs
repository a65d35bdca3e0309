//! `find in (T) where p project c`

use crate::{
    ast::{ColumnDecl, Expr, FindColumn, OperatorKind, Param},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser,
        bracket::Bracket,
        list::ListRule,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn find(&mut self) -> OperatorKind {
        let mut params = self.data_scope();
        params.extend(self.params(&[]));
        let tables = self.in_tables();
        if params.is_empty() && tables.is_empty() {
            self.eat_keyword(Keyword::Where);
        } else {
            self.expect_keyword(Keyword::Where, "where", "before the condition of `find`");
        }
        let predicate = self.boxed_expression();
        let mut project = None;
        if self.eat_keyword(Keyword::Project).is_some() {
            project = Some(self.comma_list(ListRule::OneOrMore, Self::find_column));
        } else {
            self.eat_keyword(Keyword::ProjectSmart);
        }
        let project_away = match self.eat_keyword(Keyword::FindProjectAway) {
            Some(_) => self.comma_list(ListRule::OneOrMore, Self::column_pattern),
            None => Vec::new(),
        };
        OperatorKind::Find { params, tables, predicate, project, project_away }
    }

    /// `datascope=all`, as a parameter
    pub(in crate::parser::operator) fn data_scope(&mut self) -> Vec<Param> {
        if !self.at_keyword(Keyword::DataScope) {
            return Vec::new();
        }
        self.listed_param().into_iter().collect()
    }

    /// `in (T, U*)`
    pub(in crate::parser::operator) fn in_tables(&mut self) -> Vec<Expr> {
        if !self.at_keyword(Keyword::Match(crate::ast::MatchOp::In)) {
            return Vec::new();
        }
        self.bump();
        let Some(open) = self.open(Bracket::Paren, "after `in`") else { return Vec::new() };
        let tables = self.comma_list(ListRule::OneOrMore, Self::find_table);
        self.close(Bracket::Paren, open, Some("`,`"));
        tables
    }

    /// `T`, `T*`, `T | as name`
    fn find_table(&mut self) -> Expr {
        let table = self.entity();
        if self.at(TokenKind::Pipe) { self.pipeline(Some(table)) } else { table }
    }

    fn find_column(&mut self) -> FindColumn {
        if self.at_keyword(Keyword::Pack) && self.kind_at(1) == TokenKind::OpenParen {
            self.bump();
            if let Some(open) = self.open(Bracket::Paren, "after `pack`") {
                self.expect(TokenKind::Star, "*", "within `pack`");
                self.close(Bracket::Paren, open, None);
            }
            return FindColumn::PackAll;
        }
        if self.at(TokenKind::Star) {
            let name = self.joined_name(1);
            return FindColumn::Column(ColumnDecl { name, ty: None, default: None });
        }
        let at = self.span();
        let name =
            self.expect_name(NameUse::Reference, "of a column").unwrap_or_else(|| missing_name(at));
        let ty = self.eat(TokenKind::Colon).and_then(|_| self.column_type());
        FindColumn::Column(ColumnDecl { name, ty, default: None })
    }
}
