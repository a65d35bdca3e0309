//! `where p`, and `filter p`

use crate::{
    Diagnostic, Span,
    ast::{Assignment, OperatorKind},
    code,
    parser::Parser,
};

impl Parser<'_> {
    pub(super) fn where_(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let predicate = self.named_expr();
        if !matches!(predicate.name, Assignment::None) {
            self.warn_of_assignment(predicate.span, predicate.value.span);
        }
        OperatorKind::Where { params, predicate: Box::new(predicate.value) }
    }

    /// `where a = true` keeps every row: Kusto reads it as the condition `true`, called `a`.
    fn warn_of_assignment(&mut self, whole: Span, value: Span) {
        let message =
            format!("`=` compares nothing here: the condition is `{}` alone", self.text_of(value));
        let diagnostic = Diagnostic::warning(code::ASSIGNMENT_FOR_COMPARISON, whole, message)
            .with_help("to compare, use `==`, or `=~` to ignore case");
        self.report_past(diagnostic);
    }
}
