//! `join kind=inner (T) on a`

use crate::{
    Diagnostic,
    ast::{Clause, Expr, OperatorKind},
    code,
    lexer::Keyword,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn join(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let right = self.boxed_expression();
        let on = self.on_or_where();
        OperatorKind::Join { params, right, on }
    }

    fn on_or_where(&mut self) -> Clause {
        if let Some(conditions) = self.on() {
            return Clause { conditions, is_where: false };
        }
        if self.eat_keyword(Keyword::Where).is_some() {
            return Clause { conditions: vec![self.expression()], is_where: true };
        }
        Clause { conditions: Vec::new(), is_where: false }
    }

    /// `on a, $left.b == $right.c`
    pub(in crate::parser::operator) fn on(&mut self) -> Option<Vec<Expr>> {
        self.eat_keyword(Keyword::On)?;
        Some(self.comma_list(ListRule::OneOrMore, Self::expression))
    }

    pub(in crate::parser::operator) fn report_missing_on(&mut self) {
        let message = format!("expected `on`, found {}", self.found());
        let diagnostic = Diagnostic::error(code::UNEXPECTED, self.span(), message)
            .with_help("say which columns have to be equal: `on Name`");
        self.report(diagnostic);
    }
}
