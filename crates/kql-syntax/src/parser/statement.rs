//! Statements and lists of them.

use super::{
    Block, Parser,
    bracket::Bracket,
    list::ListRule,
    name::{NameUse, missing_name},
};
use crate::{
    Diagnostic,
    ast::{Expr, LetValue, PatternCase, Statement, StatementKind},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads the statements of the whole text.
    pub(super) fn statements(&mut self) -> Vec<Statement> {
        while self.eat(TokenKind::Directive).is_some() {}
        self.block_statements(None)
    }

    /// Reads statements up to the bracket that closes the block, which is not read.
    pub(super) fn block_statements(&mut self, close: Option<TokenKind>) -> Vec<Statement> {
        let outer = std::mem::replace(&mut self.block, Block { depth: self.depth, close });
        let mut statements = Vec::new();
        while !self.at(TokenKind::End) && Some(self.kind()) != close {
            if self.at(TokenKind::Semicolon) {
                self.unexpected("a statement");
                self.bump();
                continue;
            }
            let before = self.pos;
            statements.push(self.beside(Self::statement));
            self.end_statement();
            if self.pos == before {
                self.bump();
            }
        }
        self.block = outer;
        statements
    }

    /// Reads the `;` after a statement; the last one needs none.
    fn end_statement(&mut self) {
        if self.eat(TokenKind::Semicolon).is_some()
            || self.at(TokenKind::End)
            || Some(self.kind()) == self.block.close
        {
            return;
        }
        let end = crate::Span::new(self.previous_end(), self.previous_end());
        let message = format!("expected `;` before {}", self.found());
        let diagnostic = Diagnostic::error(code::MISSING_SEMICOLON, self.span(), message)
            .with_label(end, "the statement before ends here")
            .with_help("statements are separated by `;`, operators by `|`");
        self.report(diagnostic);
    }

    /// Reads one statement, up to its `;`.
    fn statement(&mut self) -> Statement {
        let start = self.span();
        let kind = self.nested(Self::statement_kind).unwrap_or(StatementKind::Error);
        Statement { kind, span: self.span_from(start) }
    }

    fn statement_kind(&mut self) -> StatementKind {
        // The statement itself is one construct deeper than its block.
        self.block.depth = self.depth;
        self.repair_statement();
        let second = self.kind_at(1);
        match self.kind() {
            TokenKind::Keyword(Keyword::Let)
                if self.name_len(1, NameUse::Declaration) > 0
                    || matches!(second, TokenKind::Keyword(_) | TokenKind::Equal) =>
            {
                self.let_statement()
            }
            TokenKind::Keyword(Keyword::Set) => self.set_statement(),
            TokenKind::Keyword(Keyword::Declare) => match second {
                TokenKind::Keyword(Keyword::Pattern) => self.pattern_statement(),
                TokenKind::Keyword(Keyword::QueryParameters) => self.query_parameters(),
                _ => StatementKind::Expr(self.query()),
            },
            TokenKind::Keyword(Keyword::Alias)
                if second == TokenKind::Keyword(Keyword::Database) =>
            {
                self.alias_statement()
            }
            TokenKind::Keyword(Keyword::Restrict)
                if second == TokenKind::Keyword(Keyword::Access) =>
            {
                self.restrict_statement()
            }
            TokenKind::Directive => self.late_directive(),
            _ => StatementKind::Expr(self.query()),
        }
    }

    /// Reads a query as a statement of its own.
    fn query(&mut self) -> Expr {
        if let Some(expr) = self.foreign_query() {
            return expr;
        }
        self.tabular()
    }

    fn late_directive(&mut self) -> StatementKind {
        let diagnostic = Diagnostic::error(
            code::LATE_DIRECTIVE,
            self.span(),
            "directive after the first statement",
        )
        .with_help("move it to the top; a comment starts with `//`");
        self.report(diagnostic);
        self.bump();
        StatementKind::Error
    }

    fn let_statement(&mut self) -> StatementKind {
        self.bump();
        let at = self.span();
        let name =
            self.expect_name(NameUse::Reference, "after `let`").unwrap_or_else(|| missing_name(at));
        self.expect(TokenKind::Equal, "=", "after the name");
        let value = match self.kind() {
            TokenKind::Keyword(Keyword::Materialize) => LetValue::Expr(self.query_call()),
            TokenKind::Keyword(Keyword::EntityGroup)
                if self.kind_at(1) == TokenKind::OpenBracket =>
            {
                LetValue::Expr(self.entity_group())
            }
            TokenKind::Keyword(Keyword::View) if self.function_starts(1) => {
                self.bump();
                LetValue::View(self.function())
            }
            _ if self.function_starts(0) => LetValue::Function(self.function()),
            _ => LetValue::Expr(self.tabular()),
        };
        StatementKind::Let { name, value }
    }

    fn set_statement(&mut self) -> StatementKind {
        self.bump();
        let at = self.span();
        let name =
            self.expect_name(NameUse::Reference, "after `set`").unwrap_or_else(|| missing_name(at));
        let value = self.eat(TokenKind::Equal).map(|_| self.expression());
        StatementKind::Set { name, value }
    }

    fn query_parameters(&mut self) -> StatementKind {
        self.bump();
        self.bump();
        let mut params = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the parameters") {
            params = self.comma_list(ListRule::OneOrMore, Self::param_decl);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        StatementKind::DeclareQueryParameters(params)
    }

    fn alias_statement(&mut self) -> StatementKind {
        self.bump();
        self.bump();
        let at = self.span();
        let name = self
            .expect_name(NameUse::Reference, "of the alias")
            .unwrap_or_else(|| missing_name(at));
        self.expect(TokenKind::Equal, "=", "after the name");
        StatementKind::Alias { name, target: self.expression() }
    }

    fn restrict_statement(&mut self) -> StatementKind {
        self.bump();
        self.bump();
        self.expect_keyword(Keyword::To, "to", "after `restrict access`");
        let mut entities = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the tables") {
            entities = self.comma_list(ListRule::OneOrMore, Self::entity);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        self.with_properties();
        StatementKind::Restrict(entities)
    }

    /// `declare pattern name [= (a: string)[b: string] { ("x").["y"] = { … }; … }]`
    fn pattern_statement(&mut self) -> StatementKind {
        self.bump();
        self.bump();
        let at = self.span();
        let name = self
            .expect_name(NameUse::Reference, "of the pattern")
            .unwrap_or_else(|| missing_name(at));
        let cases = match self.eat(TokenKind::Equal) {
            Some(_) => self.pattern_declaration(),
            None => Vec::new(),
        };
        StatementKind::Pattern { name, cases }
    }

    fn pattern_declaration(&mut self) -> Vec<PatternCase> {
        let mut cases = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the parameters") {
            self.comma_list(ListRule::Any, Self::column_decl);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        if let Some(open) = self.eat(TokenKind::OpenBracket) {
            self.column_decl();
            self.close(Bracket::Square, open, None);
        }
        if let Some(open) = self.open(Bracket::Brace, "before the pattern's cases") {
            while self.at(TokenKind::OpenParen) {
                cases.push(self.pattern_case());
            }
            self.close(Bracket::Brace, open, None);
        }
        cases
    }

    fn pattern_case(&mut self) -> PatternCase {
        let open = self.bump().span;
        let args = self.comma_list(ListRule::OneOrMore, Self::expression);
        self.close(Bracket::Paren, open, Some("`,`"));
        let mut path = None;
        if self.eat(TokenKind::Dot).is_some()
            && let Some(open) = self.open(Bracket::Square, "after `.`")
        {
            path = Some(self.expression());
            self.close(Bracket::Square, open, None);
        }
        self.expect(TokenKind::Equal, "=", "after the case");
        let body = self.function_body();
        self.expect(TokenKind::Semicolon, ";", "after the case");
        PatternCase { args, path, body }
    }
}
