//! Pipelines: a source, and operators separated by pipes.

use super::{Parser, expression::expr::error_expr, name::NameUse};
use crate::{
    Diagnostic,
    ast::{Expr, ExprKind},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads a pipeline, or an expression that none follows.
    pub(super) fn tabular(&mut self) -> Expr {
        if self.at_query_start() {
            return self.pipeline(None);
        }
        if self.at(TokenKind::Pipe) {
            let diagnostic =
                Diagnostic::error(code::NOTHING_TO_PIPE, self.span(), "nothing stands before `|`")
                    .with_help("start with a table: `Table | …`");
            self.report(diagnostic);
            let source = error_expr(self.span());
            return self.pipeline(Some(source));
        }
        let source = self.expression();
        self.end_of_source();
        if self.at(TokenKind::Pipe) || self.at_missing_pipe() {
            return self.pipeline(Some(source));
        }
        source
    }

    /// Reads a pipeline within brackets that belong to no expression.
    pub(super) fn bracketed_tabular(&mut self) -> Expr {
        let start = self.span();
        self.nested(Self::tabular).unwrap_or_else(|| error_expr(start))
    }

    /// Reads operators after a source, which starts with one itself if there is no other source.
    pub(super) fn pipeline(&mut self, source: Option<Expr>) -> Expr {
        let start = source.as_ref().map_or_else(|| self.span(), |source| source.span);
        let mut operators = Vec::new();
        if source.is_none() {
            operators.push(self.beside(Self::operator));
            self.end_of_operator();
        }
        loop {
            if self.at(TokenKind::Pipe) {
                self.bump();
            } else if self.at_missing_pipe() {
                self.report_missing_pipe();
            } else {
                break;
            }
            operators.push(self.beside(Self::operator));
            self.end_of_operator();
        }
        self.grow_tree();
        let kind = ExprKind::Pipeline { source: source.map(Box::new), operators };
        Expr { kind, span: self.span_from(start) }
    }

    /// Reads operators separated by pipes, the first without one: what stands in the parentheses of
    /// `mv-apply` and the like.
    pub(super) fn sub_pipeline(&mut self) -> Expr {
        if self.at_keyword(Keyword::ContextualTable) {
            return self.tabular();
        }
        let start = self.span();
        self.nested(|parser| parser.pipeline(None)).unwrap_or_else(|| error_expr(start))
    }

    /// Returns whether an operator starts here, where a source could stand too.
    ///
    /// Most operators' names may be columns or tables as well, so what follows decides.
    pub(super) fn at_query_start(&self) -> bool {
        let TokenKind::Keyword(keyword) = self.kind() else { return false };
        let is_word =
            |ahead| matches!(self.kind_at(ahead), TokenKind::Identifier | TokenKind::Keyword(_));
        match keyword {
            Keyword::Evaluate => {
                self.name_len(1, NameUse::Reference) > 0
                    || self.text_of(self.token(1).span) == "hint"
            }
            Keyword::Facet => self.keyword_at(1, Keyword::By),
            Keyword::Partition => self.keyword_at(1, Keyword::By) || self.hint_follows(),
            Keyword::Reduce => self.keyword_at(1, Keyword::By) || self.keyword_at(1, Keyword::Kind),
            Keyword::Range => {
                let len = self.name_len(1, NameUse::Reference);
                len > 0 && self.keyword_at(len.saturating_add(1), Keyword::From)
            }
            Keyword::Render => is_word(1),
            Keyword::InlineExternalTable => {
                self.kind_at(1) == TokenKind::OpenParen || self.keyword_at(1, Keyword::Kind)
            }
            _ => keyword.is_operator() && self.name_len(0, NameUse::Reference) == 0,
        }
    }

    fn hint_follows(&self) -> bool {
        self.text_of(self.token(1).span) == "hint" && self.kind_at(2) == TokenKind::Dot
    }

    /// Returns whether the current token starts an operator: after a whole operand or operator
    /// nothing else can be meant, so the pipe is missing.
    fn at_missing_pipe(&self) -> bool {
        matches!(self.kind(), TokenKind::Keyword(keyword) if keyword.is_operator())
    }

    fn report_missing_pipe(&mut self) {
        let message = format!("expected `|` before `{}`", self.word());
        let diagnostic = Diagnostic::error(code::MISSING_PIPE, self.span(), message)
            .with_help("operators are separated by `|`");
        self.report(diagnostic);
    }

    /// Reports and skips text after an expression that is to be a source or a whole statement.
    fn end_of_source(&mut self) {
        self.end_of_part("expected `|` or the end of the statement");
    }

    /// Reports and skips text after an operator.
    fn end_of_operator(&mut self) {
        self.end_of_part("expected `|` or the end of the operator");
    }

    /// Returns whether a name or literal starts here.
    fn at_operand(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::Identifier
                | TokenKind::String
                | TokenKind::Long
                | TokenKind::Real
                | TokenKind::Timespan
                | TokenKind::TypedLiteral(_)
                | TokenKind::OpenParen
        )
    }

    fn end_of_part(&mut self, expected: &str) {
        loop {
            if self.at_unmatched_bracket() {
                self.report_unmatched_bracket();
                self.bump();
                continue;
            }
            if self.at_boundary() || self.at_missing_pipe() || self.at_next_statement() {
                return;
            }
            let diagnostic = self.known_mistake().unwrap_or_else(|| {
                let message = format!("{expected}, found {}", self.found());
                let diagnostic = Diagnostic::error(code::TRAILING_TEXT, self.span(), message);
                if self.at_operand() {
                    diagnostic.with_help("a comma or an operator such as `and` may be missing")
                } else {
                    diagnostic
                }
            });
            self.report(diagnostic);
            self.bump();
            self.skip_until(|parser| parser.at_missing_pipe() || parser.at_next_statement());
        }
    }

    /// Returns whether the current token starts a line, or a `let`, outside of all brackets of the
    /// current statement, so that a new statement is more likely than more of this one.
    fn at_next_statement(&self) -> bool {
        if self.depth != self.block.depth {
            return false;
        }
        match self.kind() {
            TokenKind::Keyword(Keyword::Let) => self.name_len(1, NameUse::Reference) > 0,
            TokenKind::Identifier => self.starts_line(),
            _ => false,
        }
    }

    /// Returns whether the current token closes a bracket that this statement did not open.
    fn at_unmatched_bracket(&self) -> bool {
        self.depth == self.block.depth
            && Some(self.kind()) != self.block.close
            && matches!(
                self.kind(),
                TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace
            )
    }

    fn report_unmatched_bracket(&mut self) {
        let message = format!("nothing before `{}` opens it", self.word());
        let diagnostic = Diagnostic::error(code::UNMATCHED_BRACKET, self.span(), message)
            .with_help("remove it, or add the opening bracket");
        self.report(diagnostic);
    }
}
