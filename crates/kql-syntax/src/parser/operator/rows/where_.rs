//! `where p`, and `filter p`

use crate::{
    Diagnostic, Span,
    ast::{Assignment, OperatorKind},
    code,
    parser::{Parser, excerpt::excerpt},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn where_(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let start = self.span();
        let is_assigned = !matches!(self.assignment(), Assignment::None);
        let predicate = self.boxed_expression();
        if is_assigned {
            self.warn_of_assignment(self.span_from(start), predicate.span);
        }
        OperatorKind::Where { params, predicate }
    }

    /// `where a = true` keeps every row: Kusto reads it as the condition `true`, called `a`.
    fn warn_of_assignment(&mut self, whole: Span, value: Span) {
        let message = format!(
            "`=` compares nothing here: the condition is `{}` alone",
            excerpt(self.text_of(value))
        );
        let diagnostic = Diagnostic::warning(code::ASSIGNMENT_FOR_COMPARISON, whole, message)
            .with_help("to compare, use `==`, or `=~` to ignore case");
        self.report_past(diagnostic);
    }
}
