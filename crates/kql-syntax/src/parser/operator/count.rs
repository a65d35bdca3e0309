//! `count`, and `count as name`

use crate::{
    Diagnostic,
    ast::OperatorKind,
    code,
    lexer::{Keyword, TokenKind},
    parser::{Parser, name::NameUse},
};

impl Parser<'_> {
    pub(super) fn count(&mut self) -> OperatorKind {
        if self.at(TokenKind::OpenParen) {
            self.report_count_call();
        }
        let name = self
            .eat_keyword(Keyword::As)
            .and_then(|_| self.expect_name(NameUse::Reference, "after `as`"));
        OperatorKind::Count { name }
    }

    /// `| count()` confuses the operator with the aggregate.
    fn report_count_call(&mut self) {
        let diagnostic = Diagnostic::error(
            code::UNEXPECTED,
            self.span(),
            "the operator `count` takes no parentheses",
        )
        .with_help("write `| count`, or `| summarize count()`");
        self.report(diagnostic);
        self.skip_to_boundary();
    }
}
