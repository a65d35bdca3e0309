//! `sample n`

use crate::{ast::OperatorKind, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn sample(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        OperatorKind::Sample { params, count: self.boxed_expression() }
    }
}
